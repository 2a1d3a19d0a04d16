import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('following', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowedSearch',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('query', models.CharField(max_length=500, unique=True)),
                ('rules', models.CharField(help_text='registry.search.stored.reading_rules', max_length=16)),
                ('search', models.JSONField(help_text='registry.search.stored.search_as_json')),
            ],
            options={
                'verbose_name_plural': 'followed searches',
                'db_table': 'followed_searches',
            },
        ),
        migrations.CreateModel(
            name='FollowedSearchKey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=120)),
                ('search', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to='following.followedsearch')),
            ],
            options={
                'db_table': 'followed_search_keys',
                'constraints': [models.UniqueConstraint(fields=('key', 'search'), name='one_key_per_followed_search')],
            },
        ),
    ]
