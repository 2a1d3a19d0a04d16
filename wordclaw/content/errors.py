"""Refusals about content types and items."""

from foundation.refusals import (
    Conflict,
    InsufficientStorage,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    Refusal,
)


class ContentTypeNotFound(NotFound):
    code = "content_type_not_found"
    message = "There is no content type with this slug."
    remediation = "List the content types of the domain to see their slugs."


class SchemaSourceRequired(Malformed):
    code = "schema_source_required"
    message = "A content type needs a schema or a schemaManifest."
    remediation = "Send exactly one of schema and schemaManifest."


class SchemaSourceConflict(Malformed):
    code = "schema_source_conflict"
    message = "A content type takes a schema or a schemaManifest, not both."
    remediation = "Send exactly one of schema and schemaManifest."


class InvalidContentSchema(Malformed):
    """``details["pointer"]`` leads to the part of the schema that is wrong."""

    code = "invalid_content_schema"
    remediation = "Correct the part of the schema at the pointer."


class ContentTypeSlugConflict(Conflict):
    code = "content_type_slug_conflict"
    message = "The domain has a content type with this slug."
    remediation = "Use another slug, or change the existing content type."


class ContentTypeInUse(Conflict):
    code = "content_type_in_use"
    message = "The content type has items."
    remediation = "Delete the items first."


class SingletonRequiresOneItem(Conflict):
    code = "singleton_requires_one_item"
    message = "Only a content type with at most one item can become a singleton."
    remediation = "Delete the other items first."


class SchemaBreaksItems(Conflict):
    """``details["items"]`` lists the items that would no longer fit.

    Each has its errors.
    """

    code = "schema_breaks_items"
    message = "Published items do not fit the new schema."
    remediation = "Change the items first, or send allowBreaking: true."


class SchemaCheckTooLong(Conflict):
    code = "schema_check_too_long"
    message = "There are too many or too large published items to check all of them now."
    remediation = "Send allowBreaking: true, or make a new content type for the new schema."


class ContentTooCostly(Invalid):
    code = "content_too_costly"
    message = (
        "Checking the data of this request takes more than two seconds of processor time."
        " Nothing was stored."
    )
    remediation = "Send fewer items in a batch, or use fewer conditions and patterns in the schema."


class InvalidContentType(Invalid):
    code = "invalid_body"
    message = "The content type was not saved."
    remediation = "Correct the named values and send them again."


class TooManyContentTypes(Conflict):
    code = "too_many_content_types"
    remediation = "Delete content types that are not used any more."


class ItemNotFound(NotFound):
    code = "content_item_not_found"
    message = "There is no content item with this ID."
    remediation = "List the items of the content type to see their IDs."


class VersionOfItemNotFound(NotFound):
    code = "version_not_found"
    message = "The item has no version with this number."
    remediation = "List the versions of the item."


class ItemDoesNotFit(Invalid):
    """``details["errors"]`` lists all violations with pointer, message and keyword."""

    code = "content_schema_validation_failed"
    message = "The data does not match the schema of the content type."
    remediation = "Correct the values at the pointers and send the data again."


class InvalidReference(Invalid):
    code = "content_reference_invalid"
    message = "The data refers to a content item that does not exist in this domain."
    remediation = "Refer to an item of the same domain that is not deleted."


class ReferenceOfWrongType(Invalid):
    code = "content_reference_type_mismatch"
    message = "The data refers to an item of a content type that is not allowed here."
    remediation = "Refer to an item of one of the allowed content types."


class InvalidAssetReference(Invalid):
    code = "asset_reference_invalid"
    message = "The data refers to an asset that does not exist in this domain."
    remediation = "Upload the asset first and use its ID."


class InvalidAgentReference(Invalid):
    code = "agent_reference_invalid"
    message = "The data refers to an agent that does not exist."
    remediation = "Use the full name of a listed agent, such as @scope/name."


class SingletonExists(Conflict):
    code = "singleton_exists"
    message = "The document of a singleton is written through its global."
    remediation = "Use PUT /globals/{slug}."


class ItemInUse(Conflict):
    """``details["references"]`` lists where the item is used."""

    code = "content_item_in_use"
    message = "Other content refers to this item."
    remediation = "Remove the references first; used-by lists them."


class NothingPublished(Conflict):
    code = "item_not_published"
    message = "The item has no published version."
    remediation = "Publish it first."


class ItemHeld(Conflict):
    code = "content_item_held"
    message = "The maintainers have taken this item down. It cannot be published again for now."
    remediation = "Read the reason in the history of the item. The holder of the scope can appeal."


class TooManyItems(Conflict):
    code = "too_many_items"
    message = "The domain has as many items as it may have."
    remediation = "Delete items that are not used any more."


class WorkflowRequired(NotAllowed):
    code = "workflow_required"
    message = "Items of this content type change their state by a review."
    remediation = "Submit the item to the state that you want; a reviewer then decides."


class ContentSpaceUsedUp(InsufficientStorage):
    """``details["limit_bytes"]`` is the space of a domain."""

    code = "content_space_used_up"
    remediation = (
        "Delete assets that are not used any more, whose space is free again after a day, or ask"
        " the operator of this site for more."
    )


class GlobalNotFound(NotFound):
    code = "global_not_found"
    message = "There is no document for this global."
    remediation = "Write it with PUT, and publish it for readers."


class UnknownFilterField(Malformed):
    code = "filter_requires_known_field"
    message = "Lists can be filtered and sorted by the fields of the content type only."
    remediation = "Use a field that the schema declares."


class LocaleRequired(Malformed):
    code = "locale_required"
    message = "fallbackLocale needs locale."
    remediation = "Send the parameter locale, too."


class UnsupportedLocale(Malformed):
    """``details["supportedLocales"]`` lists the languages of the content type."""

    code = "unsupported_locale"
    message = "The content type does not support this language."
    remediation = "Use one of the supported languages."


class BatchEmpty(Malformed):
    code = "batch_empty"
    message = "The batch has no items."
    remediation = "Send 1 to 100 operations in items."


class BatchTooLarge(Invalid):
    code = "batch_too_large"
    message = "A batch has at most 100 items."
    remediation = "Split it."


class BatchFailed(Malformed):
    """``details``: the index of the operation that failed, and its error."""

    code = "batch_failed"
    message = "An operation of the batch failed, so nothing was changed."
    remediation = "Correct the operation, or send the batch with atomic=false."


class InvalidPreviewToken(Refusal):
    status = 401
    code = "preview_token_invalid"
    message = "This preview link is invalid, expired or revoked."
    remediation = "Ask for a new link."


class ArtifactImpossible(Invalid):
    """``details["pointer"]`` leads to the keyword that the artifact cannot express."""

    code = "artifact_impossible"
    remediation = "Use the JSON Schema itself, or leave the keyword out of the schema."


class ArtifactNotFound(NotFound):
    code = "artifact_not_found"
    message = "There is no artifact of this kind."
    remediation = "Use jsonschema, typescript, zod or python."
