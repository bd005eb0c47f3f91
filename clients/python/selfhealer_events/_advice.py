"""What the exporter has learned, for a healer that is about to act: soon, or not at all."""

import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple
from urllib.parse import quote, urlencode

from ._exporter import Exporter
from ._names import is_name, name_of

#: What the exporter takes as context; it refuses a question with anything else in it.
_CONTEXT = ("severity", "agent_id", "attempt")
_ENTRIES_MAX = 1_000
#: An exporter that did not answer is not asked again so soon: a healer must not wait each time.
_AWAY_SECONDS = 5.0


class Advice:
    """
    Answers are kept for `cache_seconds`. None: the exporter does not know, or is away. Thread-safe
    without a lock, which a fork could leave locked. Never raises.
    """

    def __init__(self, make_exporter: Callable[[], Exporter], cache_seconds: float) -> None:
        self._make_exporter = make_exporter
        self._cache_seconds = cache_seconds
        self._answers: Dict[str, Tuple[float, Optional[Dict[str, Any]]]] = {}
        self._away_until = 0.0

    def best_strategy(
        self, failure_type: str, context: Mapping[str, Any]
    ) -> Optional[Dict[str, Any]]:
        name = name_of(failure_type)
        if name is None:
            return None
        asked = {"failure_type": name}
        for key in _CONTEXT:
            value = context.get(key)
            text = str(value) if isinstance(value, int) else value
            if isinstance(text, str) and is_name(text):
                asked[key] = text.lower() if key == "severity" else text
        path = "/api/v1/strategies/best?"
        answer = self._ask(path + urlencode(asked))
        if answer is None and len(asked) > 1 and not self._is_away():
            # A severity or attempt that the exporter does not know must not hide the rest.
            answer = self._ask(path + urlencode({"failure_type": name}))
        return answer if answer is not None and answer.get("strategy") is not None else None

    def tuning(self, strategy: str) -> Optional[Dict[str, Any]]:
        name = name_of(strategy)
        if name is None:
            return None
        answer = self._ask(f"/api/v1/strategies/{quote(name, safe='')}/tuning")
        parameters = answer.get("parameters") if answer is not None else None
        if not isinstance(parameters, dict):
            return None
        is_known = any(
            isinstance(parameter, dict) and parameter.get("value") is not None
            for parameter in parameters.values()
        )
        return parameters if is_known else None

    def recommendations(self) -> Optional[List[Dict[str, Any]]]:
        answer = self._ask("/api/v1/recommendations")
        details = answer.get("recommendation_details") if answer is not None else None
        return details if isinstance(details, list) else None

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _ask(self, path: str) -> Optional[Dict[str, Any]]:
        now = time.monotonic()
        kept = self._answers.get(path)
        if kept is not None and now < kept[0]:
            return kept[1]
        if self._is_away():
            return None
        answer = None
        try:
            exporter = self._make_exporter()
            try:
                status, said = exporter.get(path)
            finally:
                exporter.abort()
            if status == 200 and isinstance(said, dict):
                answer = said
            elif status != 400:
                self._away_until = time.monotonic() + _AWAY_SECONDS
                return None
        except Exception:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            return None
        if len(self._answers) >= _ENTRIES_MAX:
            self._answers.clear()
        self._answers[path] = (time.monotonic() + self._cache_seconds, answer)
        return answer
