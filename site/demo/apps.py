from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
    verbose_name = "デモの世界"

    def ready(self) -> None:
        from demo.models import is_demo
        from ui import places

        places.is_demo.register(is_demo)
