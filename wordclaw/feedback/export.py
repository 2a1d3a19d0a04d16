"""Exported tables of feedback."""

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.feedback.models import ExternalFeedback, FeedbackToken

# With the hashes: a link that was sent works after a move to another machine.
FEEDBACK_TOKENS = Table(
    name="external_feedback_tokens", model=FeedbackToken, order=["id"], private=True
)
EXTERNAL_FEEDBACK = Table(
    name="external_feedback_events", model=ExternalFeedback, order=["id"], private=True
)
PERSONAL_DATA = (
    PersonalDataPart(
        "external_feedback_tokens",
        lambda user_id: rows_without(
            FeedbackToken.objects.filter(created_by_id=user_id).order_by("created_at", "id"),
            "digest",
        ),
    ),
    PersonalDataPart(
        "external_feedback_events",
        lambda user_id: rows_without(
            ExternalFeedback.objects.filter(recorded_by_id=user_id).order_by("created_at", "id")
        ),
    ),
)
