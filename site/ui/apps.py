from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "ui"
    verbose_name = "画面の部品"

    def ready(self) -> None:
        from ui import places
        from ui.blocked.actions import forget_old

        places.tick_jobs.register(forget_old, rank=94)
