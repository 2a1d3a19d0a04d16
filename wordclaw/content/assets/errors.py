"""Refusals about assets."""

from foundation.refusals import Conflict, Invalid, NotAllowed, NotFound, TooLarge
from wordclaw.content.assets.sizes import MAX_MIB


class ContentAssetNotFound(NotFound):
    code = "asset_not_found"
    message = "There is no asset with this ID."
    remediation = "List the assets of the domain to see their IDs."


class InvalidAssetUpload(Invalid):
    code = "invalid_body"
    message = "An upload is a multipart/form-data body with one file in the field file."
    remediation = "Send the field file, and name and access (public or signed) if you want them."


class UnknownUploadField(Invalid):
    """``details["fields"]`` lists them."""

    code = "unknown_field"
    message = "The body has a field that this endpoint does not know."
    remediation = "Send the fields file, name and access only."


class AssetTooLarge(TooLarge):
    code = "asset_too_large"
    message = f"An asset has at most {MAX_MIB} MiB."
    remediation = "Make the file smaller."


class UnsupportedAsset(Invalid):
    code = "asset_type_unsupported"
    message = "Assets are PNG, JPEG, WebP and GIF images, PDFs, and texts in UTF-8."
    remediation = "Convert the file to one of these types."


class AssetUnreadable(Invalid):
    """``details["reason"]``: damaged, pixels (over 40 million), time, memory or crash."""

    code = "asset_unreadable"
    message = "The file could not be read completely."
    remediation = "Save the file again in another program, or make the image smaller."


class AssetInUse(Conflict):
    """``details["references"]`` lists where the asset is used."""

    code = "asset_in_use"
    message = "Content refers to this asset."
    remediation = "Remove the references first; used-by lists them."


class NoRoomForAsset(Conflict):
    code = "asset_space_used_up"
    remediation = "Delete assets that are not used any more."


class InvalidAssetLink(NotAllowed):
    code = "asset_link_invalid"
    message = "This link to an asset is invalid or expired."
    remediation = "Ask a member of the domain for a new link."
