"""Computing again what was computed at publish, with the rule set of today."""

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q

from foundation.caching.actions import bump_site
from foundation.text.markdown import RENDERER_VERSION
from registry.analysis.model import ANALYZER_VERSION
from registry.models import (
    Category,
    Version,
    VersionAnalysis,
    VersionDiff,
    VersionFile,
    VersionFinding,
    VersionRendering,
)
from registry.package.checks.package import check_package
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import RULE_SET
from registry.package.reader import read_tarball
from registry.publishing.derived import Computed, compute, keep_computed

LIMITS = PackageLimits()


def recompute_version(version: Version) -> bool:
    """Read a version's stored bytes and keep what today's rules say of them, in place of what the
    same rules said before. Gives False where this instance does not have the bytes."""
    try:
        stream = default_storage.open_stream(version.tarball_r2_key)  # type: ignore[attr-defined]
    except FileNotFoundError:
        return False
    with stream:
        package = read_tarball(stream, LIMITS)
    categories = set(Category.objects.values_list("pk", flat=True))
    # The pictures were judged when they were uploaded; only the package is read again.
    findings = check_package(package, claimed=version.manifest, assets=(), categories=categories)
    _replace(version, compute(version.manifest, package, findings))
    return True


@transaction.atomic
def _replace(version: Version, computed: Computed) -> None:
    for model in (VersionFile, VersionFinding):
        model.objects.filter(version=version, rule_set=str(RULE_SET)).delete()
    VersionRendering.objects.filter(version=version, rule_set=RENDERER_VERSION).delete()
    VersionAnalysis.objects.filter(version=version, rule_set=ANALYZER_VERSION).delete()
    VersionDiff.objects.filter(Q(old_version=version) | Q(new_version=version)).delete()
    keep_computed(version, computed)
    # Views of files are shared by all agents that have the same contents.
    bump_site()
