"""`qabot bot` as a process against the stand-in of the tests, over the five sample articles.

From the start to the first answer, with the index there; resident memory after 200 questions; 50 `/ask` at once: when
each is acknowledged, when the last is answered, and how late the bot's event loop ran under that load (measured in the
process by a task that sleeps 5 ms at a time, while they are answered). The median of three runs; percentiles over all
of them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qabot import Engine, load_settings  # noqa: E402
from qabot.evaluation import read_gold  # noqa: E402
from tests.discord_bot.stand_in import StandIn  # noqa: E402

RUNS, AT_ONCE, WARM = 3, 50, 200
TICK = 0.005


def lagging_bot() -> None:
    """What `qabot bot` does, with a task that notes how late the event loop is, printed at the end."""
    from qabot.discord_bot import client
    from qabot.discord_bot.run import run
    from qabot.discord_bot.token import read_token

    late: list[float] = []

    async def tick() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            late.append((time.perf_counter() - began - TICK) * 1000)

    class LaggingBot(client.Bot):
        ticking: asyncio.Task[None] | None = None

        async def on_ready(self) -> None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.switch)

        def switch(self) -> None:
            """Begins to note at the first signal and ends at the second."""
            if self.ticking is None:
                self.ticking = asyncio.create_task(tick())
            else:
                self.ticking.cancel()

    import qabot.discord_bot.run as running

    running.Bot = LaggingBot  # type: ignore[misc]
    settings = load_settings()
    run(Engine(settings, beside=True), settings, read_token(settings.discord), log_json=False)
    print(" ".join(f"{value:.2f}" for value in late))


async def play(folder: str, command: list[str], *, load: bool) -> dict[str, object]:
    questions = [gold.question for gold in read_gold(ROOT / "tests" / "gold" / "seeds.jsonl") if not gold.history]
    async with StandIn() as discord:
        environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "QABOT_SEEDS": str(ROOT / "seeds"),
            "QABOT_EMBEDDINGS": folder,
            "QABOT_DISCORD_API_BASE": discord.api_base,
            "QABOT_DISCORD_TOKEN": "token",
            "QABOT_DISCORD_CHANNEL_PER_MINUTE": "10000",
            "QABOT_DISCORD_USER_PER_MINUTE": "1000",
        }
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *command, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        await discord.wait_ready(60)
        ada = discord.user("Ada")
        await (await ada.slash("ask", question=questions[0])).answered(timeout=60)
        first = time.perf_counter() - began
        for n in range(WARM):
            await (await ada.slash("ask", question=questions[n % len(questions)])).answered(timeout=60)
        memory = psutil.Process(process.pid).memory_info().rss / 2**20
        acknowledged: list[float] = []
        busy, last = 0, 0.0
        if load:
            process.send_signal(signal.SIGUSR1)
            people = [discord.user(f"User {n}") for n in range(AT_ONCE)]
            began = time.perf_counter()
            asked = await asyncio.gather(
                *(one.slash("ask", question=questions[n % len(questions)]) for n, one in enumerate(people))
            )
            answers = await asyncio.gather(*(exchange.answered(timeout=120) for exchange in asked))
            last = time.perf_counter() - began
            process.send_signal(signal.SIGUSR1)
            busy = sum("try again" in answer.text for answer in answers)
            acknowledged = [1000 * (exchange.acknowledged_after or 0.0) for exchange in asked]
        process.send_signal(signal.SIGTERM)
        out, _ = await process.communicate()
        assert process.returncode == 0 and not discord.violations, discord.violations
        late = [float(value) for value in out.split()]
        return {
            "first": first,
            "memory": memory,
            "acknowledged": acknowledged,
            "busy": busy,
            "last": last,
            "late": late,
        }


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def main() -> None:
    if sys.argv[1:] == ["bot"]:
        lagging_bot()
        return
    with tempfile.TemporaryDirectory() as folder:
        Engine(
            load_settings(flags={"paths.seeds": str(ROOT / "seeds"), "paths.embeddings": folder}, environ={})
        ).prepare()
        plain = [asyncio.run(play(folder, [sys.executable, "-m", "qabot", "bot"], load=False)) for _ in range(RUNS)]
        loaded = [asyncio.run(play(folder, [sys.executable, __file__, "bot"], load=True)) for _ in range(RUNS)]
    firsts = [float(run["first"]) for run in plain]  # type: ignore[arg-type]
    memory = [float(run["memory"]) for run in plain]  # type: ignore[arg-type]
    lasts = [float(run["last"]) for run in loaded]  # type: ignore[arg-type]
    acknowledged = [value for run in loaded for value in run["acknowledged"]]  # type: ignore[attr-defined]
    late = [value for run in loaded for value in run["late"]]  # type: ignore[attr-defined]
    print(f"start to first answer        {statistics.median(firsts):7.2f} s")
    print(f"resident after {WARM} questions {statistics.median(memory):7.0f} MiB")
    print(f"{AT_ONCE} at once: acknowledged    {percentile(acknowledged, 0.5):7.0f} ms p50, "
          f"{percentile(acknowledged, 0.99):.0f} ms p99")  # fmt: skip
    print(f"{AT_ONCE} at once: last answered   {statistics.median(lasts):7.2f} s, "
          f"{sum(int(run['busy']) for run in loaded)} of {RUNS * AT_ONCE} told to try again")  # type: ignore[call-overload]  # fmt: skip
    print(f"event loop late by           {percentile(late, 0.5):7.1f} ms p50, {percentile(late, 0.99):.1f} ms p99, "
          f"{max(late):.0f} ms at most, over {len(late)} ticks")  # fmt: skip


if __name__ == "__main__":
    main()
