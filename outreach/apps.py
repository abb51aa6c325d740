from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate


class OutreachConfig(AppConfig):
    name = "outreach"
    verbose_name = "学校への派遣"

    def ready(self) -> None:
        from outreach import registrations
        from outreach.availability import guards

        registrations.register()
        pre_migrate.connect(guards.before_migrate, sender=self)
        post_migrate.connect(guards.after_migrate, sender=self)
        checks.register(guards.check_guards, checks.Tags.database)
