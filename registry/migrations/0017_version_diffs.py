"""Comparisons of versions get the name by which the rest of the code calls them, and a page each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0016_fill_what_rows_show'),
    ]

    operations = [
        migrations.RemoveConstraint(model_name='versioncomparison', name='one_comparison_per_pair_and_rule_set'),
        migrations.RenameModel(old_name='VersionComparison', new_name='VersionDiff'),
        migrations.AlterModelTable(name='versiondiff', table='version_diffs'),
        migrations.RenameIndex(model_name='versiondiff', old_name='comparisons_by_age', new_name='diffs_by_age'),
        migrations.RenameIndex(model_name='versiondiff', old_name='comparisons_that_grow', new_name='diffs_that_grow'),
        migrations.AddConstraint(
            model_name='versiondiff',
            constraint=models.UniqueConstraint(fields=('old_version', 'new_version', 'rule_set'), name='one_diff_per_couple_and_rule_set'),
        ),
        migrations.RemoveField(model_name='versiondiff', name='pages'),
        migrations.AlterField(
            model_name='versiondiff',
            name='summary',
            field=models.JSONField(help_text='registry.analysis.diff.versions.DiffSummary'),
        ),
        migrations.AlterField(
            model_name='versiondiff',
            name='new_version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='diffs_with_older', to='registry.version'),
        ),
        migrations.CreateModel(
            name='VersionDiffPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('renderer', models.CharField(help_text='Digest of whatever makes the HTML', max_length=32)),
                ('language', models.CharField(max_length=16)),
                ('html', models.BinaryField(help_text='UTF-8, compressed with zlib')),
                ('diff', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pages', to='registry.versiondiff')),
            ],
            options={
                'db_table': 'version_diff_pages',
                'constraints': [models.UniqueConstraint(fields=('diff', 'renderer', 'language'), name='one_page_per_diff_renderer_and_language')],
            },
        ),
    ]
