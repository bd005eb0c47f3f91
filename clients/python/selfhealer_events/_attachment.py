"""The bridge: a SelfHealer of MoAI-Flow, or any object of its shape, tells what it does."""

import threading
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from ._client import DEFAULT_URL, EventClient
from ._history import history_of, past_events, strategies_of
from ._seen import (
    SeenFailure,
    metadata_of,
    read,
    seen_detection,
    seen_failure,
    seen_result,
    weight_of,
)
from ._translator import Translator
from ._wrapped import Wrapped, first_two, owners_of

_PREDICTION_WEIGHT = 1_000


def attach(
    self_healer: Any,
    predictor: Any = None,
    url: str = DEFAULT_URL,
    source: Optional[str] = None,
    token: Optional[str] = None,
    **options: Any,
) -> "Attachment":
    """
    From now on everything that this healer sees and does is told to the exporter at `url`, and
    first what it holds already: its strategies and its history.

    `predictor`: a PredictiveHealing. `options`: those of EventClient. Attached to the same exporter
    again it gives the attachment that stands. Raises TypeError for an object without `heal`,
    ValueError for a url, source or token that cannot be used; never because of the exporter.
    """
    if not callable(read(self_healer, "heal")):
        kind = type(self_healer).__name__
        raise TypeError(f"self_healer: expected an object with a heal method, got {kind}")
    standing: List[Attachment] = owners_of(self_healer)
    for attachment in standing:
        client = attachment.client
        if client.stats()["url"] == url and source in (None, client.source):
            attachment.watch(predictor)
            return attachment
    return Attachment(self_healer, predictor, EventClient(url, source, token, **options))


def detach(self_healer: Any, timeout: float = 5.0) -> bool:
    """Ends every attachment of the healer; see `Attachment.detach`."""
    return all([attachment.detach(timeout) for attachment in owners_of(self_healer)])


class Attachment:
    """Made by `attach`. All methods are thread-safe."""

    def __init__(self, self_healer: Any, predictor: Any, client: EventClient) -> None:
        self.client = client
        self.is_attached = True
        self._put = client._hand_in
        self._healer = self_healer
        self._translator = Translator()
        self._wrapped: List[Wrapped] = []
        self._predictors: List[Any] = []
        self._of_thread = threading.local()
        #: Results told while the history was being read, which may have them too.
        self._told: Optional[List[Any]] = []
        for name, failure_types in strategies_of(self_healer):
            self._hand_in(self._translator.strategy, name, failure_types, _now_ms())
        methods: Dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
            "detect_failure": self._detect_failure,
            "heal": self._heal,
            "register_strategy": self._register_strategy,
        }
        try:
            self._wrap(self_healer, methods)
            self.watch(predictor)
        except TypeError:
            self.detach(0.0)
            raise
        results = history_of(self_healer)
        told, self._told = self._told, None
        if results:
            self._hand_in(past_events, self._translator, results, told or ())

    def __enter__(self) -> "Attachment":
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()

    def watch(self, predictor: Any) -> None:
        """A PredictiveHealing of this healer as well; None and one watched already are left."""
        if predictor is None or any(predictor is known for known in self._predictors):
            return
        self._predictors.append(predictor)
        self._wrap(
            predictor,
            {
                "predict_failures": self._predict_failures,
                "apply_preventive_healing": self._apply_preventive_healing,
                "record_prediction_outcome": self._record_prediction_outcome,
            },
        )

    def detach(self, timeout: float = 5.0) -> bool:
        """
        Puts the instances back exactly as they were, sends what is left and closes the client. True
        when the exporter acknowledged everything; else the rest stays in the spool.
        """
        self.is_attached = False
        for wrapped in self._wrapped:
            wrapped.restore()
        self._wrapped = []
        is_away = self.client.stats()["is_reachable"] is False
        return self.client.close(min(timeout, 0.5) if is_away else timeout)

    def close(self, timeout: float = 10.0) -> bool:
        """The same, under the name that things to be closed have."""
        return self.detach(timeout)

    def flush(self, timeout: float = 10.0) -> bool:
        """See EventClient."""
        return self.client.flush(timeout)

    def stats(self) -> Dict[str, Any]:
        """See EventClient."""
        return self.client.stats()

    def best_strategy(self, failure_type: str, **context: Any) -> Optional[Dict[str, Any]]:
        """See EventClient."""
        return self.client.best_strategy(failure_type, **context)

    def tuning(self, strategy: str) -> Optional[Dict[str, Any]]:
        """See EventClient."""
        return self.client.tuning(strategy)

    def recommendations(self) -> Optional[List[Dict[str, Any]]]:
        """See EventClient."""
        return self.client.recommendations()

    def _wrap(
        self, thing: Any, methods: Dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]]
    ) -> None:
        wrapped = Wrapped(thing, self)
        self._wrapped.append(wrapped)
        for name, make in methods.items():
            wrapped.replace(name, make)

    def _detect_failure(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def detect_failure(*args: Any, **kwargs: Any) -> Any:
            failure = original(*args, **kwargs)
            if failure is not None and self.is_attached:
                self._quietly(self._tell_failure, failure)
            return failure

        return detect_failure

    def _heal(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def heal(*args: Any, **kwargs: Any) -> Any:
            if not self.is_attached:
                return original(*args, **kwargs)
            begun = self._quietly(self._tell_start, args[0] if args else kwargs.get("failure"))
            began = time.perf_counter()
            try:
                result = original(*args, **kwargs)
            except BaseException as error:
                if begun is not None:
                    elapsed_ms = (time.perf_counter() - began) * 1000
                    self._quietly(self._tell_raised, begun, type(error).__name__, elapsed_ms)
                raise
            if begun is not None:
                try:
                    self._tell_result(begun, result, (time.perf_counter() - began) * 1000)
                except Exception:
                    pass
            return result

        return heal

    def _register_strategy(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def register_strategy(*args: Any, **kwargs: Any) -> Any:
            answer = original(*args, **kwargs)
            if self.is_attached:
                told = first_two(args, kwargs, "failure_type", "strategy")
                self._quietly(self._tell_strategy, *told)
            return answer

        return register_strategy

    def _predict_failures(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def predict_failures(*args: Any, **kwargs: Any) -> Any:
            predictions = original(*args, **kwargs)
            if predictions and self.is_attached and isinstance(predictions, (list, tuple)):
                self._quietly(self._tell_predictions, predictions)
            return predictions

        return predict_failures

    def _apply_preventive_healing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def apply_preventive_healing(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            result = original(*args, **kwargs)
            if self.is_attached:
                prediction = args[0] if args else kwargs.get("prediction")
                elapsed_ms = (time.perf_counter() - began) * 1000
                self._quietly(self._tell_prevention, prediction, result, elapsed_ms)
            return result

        return apply_preventive_healing

    def _record_prediction_outcome(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def record_prediction_outcome(*args: Any, **kwargs: Any) -> Any:
            answer = original(*args, **kwargs)
            if self.is_attached:
                told = first_two(args, kwargs, "prediction", "occurred")
                self._quietly(self._tell_outcome, *told)
            return answer

        return record_prediction_outcome

    def _tell_failure(self, failure: Any) -> None:
        seen = seen_detection(failure)
        self._put(self._translator.failure, (seen, time.time() * 1000), weight_of(seen))

    def _tell_start(self, failure: Any) -> Tuple[SeenFailure, Optional[str]]:
        """Nothing is started where no strategy will run."""
        seen = seen_failure(failure)
        registered = getattr(self._healer, "_healing_strategies", None)
        strategy = registered.get(seen.failure_type) if isinstance(registered, dict) else None
        if strategy is None or getattr(self._healer, "_auto_heal", True) is False:
            return seen, None
        name = type(strategy).__name__
        self._put(self._translator.started, (seen, name, time.time() * 1000), weight_of(seen))
        return seen, name

    def _tell_result(
        self, begun: Tuple[SeenFailure, Optional[str]], result: Any, elapsed_ms: float
    ) -> None:
        failure, strategy = begun
        seen = seen_result(result)
        if seen is None:
            return
        told = self._told
        if told is not None:
            told.append(result)
        self._of_thread.result = result if metadata_of(failure).get("predicted") else None
        told_as = (failure, seen, strategy, elapsed_ms, time.time() * 1000)
        self._put(self._translator.finished, told_as, weight_of(seen))

    def _tell_raised(
        self, begun: Tuple[SeenFailure, Optional[str]], error: str, elapsed_ms: float
    ) -> None:
        failure, strategy = begun
        if strategy is not None:
            self._hand_in(
                self._translator.raised, failure, strategy, error, elapsed_ms, _now_ms()
            )

    def _tell_strategy(self, failure_type: Any, strategy: Any) -> None:
        name = type(strategy).__name__
        self._hand_in(self._translator.strategy, name, (failure_type,), _now_ms())

    def _tell_predictions(self, predictions: Any) -> None:
        weight = _PREDICTION_WEIGHT * len(predictions)
        self._hand_in(self._predicted, list(predictions), _now_ms(), weight=weight)

    def _predicted(self, predictions: List[Any], now_ms: float) -> List[Any]:
        tell = self._translator.predictions.predicted
        return [event for prediction in predictions for event in tell(prediction, now_ms)]

    def _tell_prevention(self, prediction: Any, result: Any, elapsed_ms: float) -> None:
        seen = seen_result(result)
        if seen is None:
            return
        # Applied at once it went through `heal`, which has told the very same result.
        is_told = getattr(self._of_thread, "result", None) is result
        self._of_thread.result = None
        prevention = self._translator.prevention
        self._hand_in(prevention, prediction, seen, is_told, elapsed_ms, _now_ms())

    def _tell_outcome(self, prediction: Any, occurred: Any) -> None:
        resolved = self._translator.predictions.resolved
        self._hand_in(resolved, prediction, bool(occurred), _now_ms())

    def _hand_in(self, make: Callable[..., Any], *args: Any, weight: int = 1_000) -> None:
        self._put(make, args, weight)

    @staticmethod
    def _quietly(tell: Callable[..., Any], *args: Any) -> Any:
        """The healer must not see an exception of ours."""
        try:
            return tell(*args)
        except Exception:
            return None


def _now_ms() -> float:
    return time.time() * 1000
