from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = "活動の広がり"

    def ready(self) -> None:
        from analytics import registrations

        registrations.register()
