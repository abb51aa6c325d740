from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "outbox"
    verbose_name = "お知らせメール"

    def ready(self) -> None:
        from outbox import actions
        from ui import places

        places.tick_jobs.register(actions.let_go_of_stuck_letters)
        places.health.register(actions.oldest_waiting_letter)
