from django.apps import AppConfig


class OutreachConfig(AppConfig):
    name = "outreach"
    verbose_name = "学校への派遣"

    def ready(self) -> None:
        from outreach import registrations

        registrations.register()
