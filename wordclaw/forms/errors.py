"""Refusals about forms and submissions.

409 is for what clashes with something that exists, 422 for the rest.
"""

from foundation.limits.actions import LimitUsage
from foundation.limits.errors import RateLimited
from foundation.refusals import Conflict, Invalid, NotFound, TooLarge, Unavailable
from wordclaw.forms.limits import MAX_FILE_FIELDS, MAX_FILE_MIB


class FormNotFound(NotFound):
    code = "form_not_found"
    message = "There is no form with this slug."
    remediation = "Check the address. A form that is switched off takes no submissions."


class FormSlugConflict(Conflict):
    code = "form_slug_conflict"
    message = "The domain has a form with this slug."
    remediation = "Use another slug, or change the existing form."


class TooManyForms(Conflict):
    code = "too_many_forms"
    message = "The domain has as many forms as it may have."
    remediation = "Delete forms that are not used any more."


class InvalidForm(Invalid):
    code = "invalid_body"
    message = "The form was not saved."
    remediation = "Correct the named values and send them again."


class FormFieldError(Invalid):
    """``details["fields"]`` lists the names of the fields concerned."""

    remediation = "Correct the named fields and send the definition again."


class FieldNotInSchema(FormFieldError):
    code = "form_field_not_in_schema"
    message = "The content type has no such property at the top of its schema."


class FieldUnsupported(FormFieldError):
    code = "form_field_unsupported"
    message = "A form cannot ask for a property of this kind."


class FieldTypeMismatch(FormFieldError):
    code = "form_field_type_mismatch"
    message = "The type of the field does not fit the property."


class FieldNameDuplicate(FormFieldError):
    code = "form_field_name_duplicate"
    message = "A property is asked for twice."


class WebhookUrlUnsafe(Invalid):
    code = "form_webhook_url_unsafe"
    message = "A webhook needs an https address of a public host."
    remediation = "Use an https address that can be reached from the internet."


class PaymentPriceMissing(Invalid):
    code = "form_payment_price_missing"
    message = "A form that requires a payment needs a price of at least 1 satoshi."
    remediation = "Send priceSatoshis, or do not require a payment."


class FormTransitionInvalid(Invalid):
    code = "form_transition_invalid"
    message = "This is no transition of the type's active workflow from the submissions' state."
    remediation = "Read the workflow of the content type to see its transitions."


class SubmissionStatusInvalid(Invalid):
    code = "form_submission_status_invalid"
    message = "A submission cannot get this state. Nothing that is submitted is published."
    remediation = "Use draft, or another state of the workflow."


class UnknownSubmissionFields(Invalid):
    """``details["fields"]`` lists the names that the form does not have."""

    code = "form_submission_unknown_fields"
    message = "The form does not have these fields."
    remediation = "Read the contract of the form and send its fields alone."


class RequiredFieldMissing(Invalid):
    """``details["fields"]`` lists the names; a blank value counts as missing."""

    code = "form_submission_required_field_missing"
    message = "Required fields are missing or blank."
    remediation = "Fill in the listed fields and send the form again."


class PaymentUnavailable(Unavailable):
    code = "payment_provider_unavailable"
    message = "This form requires a payment, and no payment provider is set up here."
    remediation = "Tell the publisher that the form cannot be paid for at present."


class AlreadySent(Conflict):
    code = "form_already_sent"
    message = "This page was sent already, with other values."
    remediation = "Open the form again to send it once more."


class SubmissionNotFound(NotFound):
    code = "form_submission_not_found"
    message = "There is no submission with this ID."
    remediation = "List the submissions of the form to see their IDs."


class ReceiptNotFound(NotFound):
    code = "receipt_not_found"
    message = "There is no receipt at this address."
    remediation = "Check the address: it was shown once, after the form was sent."


class InvalidAnswer(Invalid):
    code = "invalid_body"
    message = "The answer was not sent."
    remediation = "Send a text that is not empty and not longer than the error says."


class TooManyVisitors(RateLimited):
    """All visitors without an account together have sent as much as is taken."""

    remediation = "Send it with an account, or wait as many seconds as Retry-After says."

    def __init__(self, usage: LimitUsage) -> None:
        super().__init__(
            "Very many visitors without an account send this form at the moment."
            f" Sign in and send it again, or try again in {usage.wait}.",
            limit=usage.limit.name,
            retry_after=usage.reset,
        )


class TooManyAnswers(Conflict):
    code = "too_many_answers"
    message = "This submission has as many answers as it may have."
    remediation = "Write to the person by email instead."


class TooManyFileFields(FormFieldError):
    code = "too_many_file_fields"
    message = f"A form asks for at most {MAX_FILE_FIELDS} files."


class FileFieldNotFound(NotFound):
    code = "form_file_field_not_found"
    message = "The form has no such field for a file."
    remediation = "Read the contract of the form: files belong to its fields of the type file."


class InvalidFileUpload(Invalid):
    code = "invalid_body"
    message = "An upload is a multipart/form-data body with the fields field and file."
    remediation = "Send field, the name of the form's field, and one file in the field file."


class UnknownFileField(Invalid):
    """``details["fields"]`` lists them."""

    code = "unknown_field"
    message = "The body has a field that this endpoint does not know."
    remediation = "Send the fields field, file and name only."


class FileTooLarge(TooLarge):
    code = "form_file_too_large"
    message = f"A file of a form has at most {MAX_FILE_MIB} MiB."
    remediation = "Make the file smaller."


class NoRoomForFiles(Conflict):
    code = "form_files_used_up"
    message = "This form takes no more files at the moment."
    remediation = "Send the form without a file, or with an account, or try again later."
