from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0008_submitted_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='contentitem',
            name='coverage',
            field=models.JSONField(default=list, help_text='Language, filled and localized fields'),
        ),
        migrations.AddField(
            model_name='contentitem',
            name='summary_schema',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='contentitem',
            name='title',
            field=models.CharField(default='', max_length=121),
        ),
    ]
