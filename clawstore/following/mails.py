"""The email about something that a user follows."""

from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy

from clawstore.following.models import Follow, FollowNews
from clawstore.following.news import AgentNews
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind

KIND = "following"
NOTICE_KINDS = (
    NoticeKind(
        KIND,
        gettext_lazy("What you follow"),
        gettext_lazy(
            "A new version, one that asks for more, or one that was yanked, deprecated or withheld."
        ),
    ),
)


def mail_news(follow_id: str, event_id: UUID) -> bool:
    """Email one event to a follower, once for each event. Returns whether it was sent."""
    # Read at the time of sending: the user may follow no longer.
    follow = Follow.objects.select_related("user").filter(pk=follow_id, by_mail=True).first()
    if follow is None:
        return False
    row = FollowNews.objects.filter(user_id=follow.user_id, event_id=event_id).first()
    if row is None:
        return False
    news = AgentNews(**row.content)
    return mail_notice(
        follow.user,
        KIND,
        subject=news.title,
        template="following",
        cause=event_id,
        follow=follow,
        news=news,
        page=settings.BASE_URL + news.path,
        following_page=page_url("following"),
    )
