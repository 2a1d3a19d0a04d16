"""Computes the derived data of a stored version again, with the rules of today."""

import json

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from foundation.caching.actions import bump_site
from foundation.text.markdown import RENDERER_VERSION
from registry.agents.listing import update_row_columns
from registry.agents.rendered import store_parts
from registry.agents.stored_pages import delete_parts
from registry.analysis.model import ANALYZER_VERSION
from registry.examiner.records import CheckRequest
from registry.examiner.tasks import Examiner
from registry.files.rendered import store_file_list
from registry.models import (
    Category,
    Version,
    VersionAnalysis,
    VersionDiff,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.package.rule_set import RULE_SET
from registry.publishing.derived import DerivedData, derive_data, save_derived_data
from registry.sandbox.descriptors import with_descriptor
from registry.sandbox.uploads import examine


def reanalyse_version(version: Version) -> bool:
    """Replaces the derived data. Returns False if the bytes are not stored here."""
    try:
        stream = default_storage.open_stream(version.tarball_r2_key)  # type: ignore[attr-defined]
    except FileNotFoundError:
        return False
    metadata = json.dumps(version.manifest)
    # The images are not checked again: their findings do not depend on these rules.
    request = CheckRequest(
        tuple(Category.objects.values_list("pk", flat=True)),
        metadata,
        other_images=tuple(version.assets.values_list("path", flat=True)),
    )
    with stream, with_descriptor(stream) as file, examine() as examination:
        check_answer = examination.call(Examiner.check, request, [file])
        derived_data = derive_data(metadata, check_answer.files, check_answer.findings, examination)
    _replace_derived_data(version, derived_data)
    if store_parts(version):
        store_file_list(version)
    return True


@transaction.atomic
def _replace_derived_data(version: Version, derived_data: DerivedData) -> None:
    VersionFile.objects.filter(version=version, rule_set=str(RULE_SET)).delete()
    # Those of former rules, too: no row would say that the rules of today find nothing.
    VersionFinding.objects.filter(version=version).delete()
    VersionRendering.objects.filter(version=version, rule_set=RENDERER_VERSION).delete()
    VersionAnalysis.objects.filter(version=version, rule_set=ANALYZER_VERSION).delete()
    # Diffs are computed from the analysis, and made again when a page needs them.
    VersionDiff.objects.filter(Q(old_version=version) | Q(new_version=version)).delete()
    delete_parts(version)
    save_derived_data(version, derived_data)
    # The rows of lists have counts of the facts.
    update_row_columns([version.agent])
    # Pages of other agents show the same rendered files, if their contents are the same.
    bump_site()
