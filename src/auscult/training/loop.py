"""The loop: Lightning turns it, this file says what one turn is.

Whatever is drawn at random follows from the seed, the epoch and the number of the batch, and the state is written after every epoch: so
training that was killed goes on, and ends with the same weights as if nothing had happened.
"""

import json
import logging
import math
import re
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import lightning
import numpy as np
import torch
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch import Generator, Tensor

from auscult.errors import RecipeError, TrainingError
from auscult.models.detector import Detector
from auscult.recipe import Recipe, Training
from auscult.training import augment, checkpoint
from auscult.training.batches import Batch, Batches, Shown

Tell = Callable[[str, Mapping[str, Any]], None]
"""Called with what happened (`batch`, `epoch`) and the figures that belong to it."""

LAST, BEST = "last.safetensors", "best.safetensors"

_BATCH_EVERY_S = 0.2
_PLATEAU_PATIENCE_PART, _PLATEAU_PATIENCE = 0.5, 5
_NO_MEMORY = re.compile("not enough memory|can't allocate memory|out of memory")


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """What one turn through all windows came to; held-out figures are `None` where nothing is held out."""

    number: int
    loss: float
    held_out_loss: float | None
    held_out_accuracy: float | None
    learning_rate: float
    windows_per_s: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How training went.

    Parameters
    ----------
    epochs
        Every epoch.
    best
        Number of the one whose weights were kept: the smallest loss on what was held out.
    stopped_early
        It had not become better for so long as the recipe waits.
    """

    epochs: tuple[Epoch, ...]
    best: int
    stopped_early: bool


def fit(
    detector: Detector,
    shown: Shown,
    held_out: Shown | None,
    recipe: Recipe,
    *,
    folder: Path,
    resume: bool = False,
    are_features: bool = False,
    tell: Tell | None = None,
) -> Outcome:
    """Train a detector; it has the best weights afterwards, and is on the CPU.

    Parameters
    ----------
    detector
        Freshly made.
    shown, held_out
        What it learns from, and what the best epoch is chosen by.
    recipe
        How.
    folder
        Where its state is written.
    resume
        Go on from the state there, if there is one.
    are_features
        `shown` and `held_out` give features, not waveforms.
    tell
        Told of progress.

    Raises
    ------
    TrainingError
        If the loss is no number, memory does not suffice, the state can't be written, or it was written with another recipe.
    """
    settings = recipe.training
    last = folder / LAST
    is_going_on = resume and last.exists()
    if is_going_on:
        _check_same_recipe(checkpoint.load(last), recipe, last)
    else:
        forget(folder)
    torch.set_num_threads(settings.threads)
    _keep_quiet()
    turns = _Turns(detector, shown, held_out, recipe, are_features=are_features)
    turns.train()  # Lightning leaves it as it was, and what ran before this has judged
    keeper = _Keeper(folder, recipe, tell or _nobody)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"lightning|torch")
        trainer = lightning.Trainer(
            accelerator=accelerator(settings),
            devices=1,
            precision=settings.precision,
            max_epochs=settings.epochs,
            accumulate_grad_batches=settings.accumulate,
            gradient_clip_val=settings.clip_gradient or None,
            num_sanity_val_steps=0,
            reload_dataloaders_every_n_epochs=1,
            logger=False,
            enable_checkpointing=True,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[keeper],
            plugins=[checkpoint.Checkpoints()],
        )
        try:
            with _interrupts():
                trainer.fit(turns, ckpt_path=last if is_going_on else None)
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise _too_large(settings) from error
        except RuntimeError as error:
            if _NO_MEMORY.search(str(error)):
                raise _too_large(settings) from error
            raise
    detector.cpu().eval()
    best = checkpoint.load(folder / BEST)
    detector.load_state_dict(best["weights"])
    return Outcome(
        epochs=tuple(Epoch(**one) for one in keeper.history),
        best=best["epoch"],
        stopped_early=keeper.is_stopped,
    )


@contextmanager
def _interrupts() -> Iterator[None]:
    """Lightning ends the process where it is stopped, deaf to Ctrl-C from then on; whoever called it decides here."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    except (SIGTERMException, SystemExit):
        raise KeyboardInterrupt from None
    finally:
        if main and before is not None:
            signal.signal(signal.SIGINT, before)


def forget(folder: Path) -> None:
    """Remove the state of an earlier training: it may have learned from what is now the test."""
    for name in (LAST, BEST):
        (folder / name).unlink(missing_ok=True)


def accelerator(settings: Training) -> str:
    """What is computed on.

    Raises
    ------
    RecipeError
        If the recipe asks for what is not there.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if settings.device == "auto":
        return next((name for name, is_there in there.items() if is_there), "cpu")
    if not there.get(settings.device, True):
        raise RecipeError(
            f"training.device is {settings.device}, and there is none here.",
            "auto, or a device that this machine has",
            "Set training.device=auto.",
        )
    return settings.device


class _Turns(lightning.LightningModule):
    """What is done with a batch, as Lightning wants to be told."""

    def __init__(
        self,
        detector: Detector,
        shown: Shown,
        held_out: Shown | None,
        recipe: Recipe,
        *,
        are_features: bool,
    ) -> None:
        super().__init__()
        self.detector = detector
        self.shown = shown
        self.held_out = held_out
        self.recipe = recipe
        self.are_features = are_features
        self.losses: list[Tensor] = []
        self.judged: list[tuple[float, int, int]] = []

    def train_dataloader(self) -> Batches:
        batches = self._batches(self.shown, self.recipe.training.seed)
        batches.epoch = self.current_epoch
        return batches

    def val_dataloader(self) -> Batches | list[Batch]:
        return [] if self.held_out is None else self._batches(self.held_out, None)

    def _batches(self, shown: Shown, seed: int | None) -> Batches:
        return Batches(
            shown,
            n_labels=self.detector.n_targets,
            size=self.recipe.training.batch_size,
            seed=seed,
        )

    def transfer_batch_to_device(
        self, batch: Batch, device: torch.device, dataloader_idx: int
    ) -> Batch:
        del dataloader_idx
        return batch.to(device)

    def on_train_epoch_start(self) -> None:
        # Dropout draws from here: what it draws must not depend on where training began.
        torch.manual_seed(_mixed(self.recipe.training.seed, self.current_epoch))
        self.losses.clear()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        del batch_idx
        settings, chance = self.recipe, _chance(self.recipe.training.seed, batch)
        seen, target = batch.waveform, batch.target
        if not self.are_features:
            seen = augment.waveform(seen, settings.augment, self.detector.rate_hz, chance)
        if settings.training.mixup:
            seen, target = augment.mix(seen, target, settings.training.mixup, chance)
        if not self.are_features:
            seen = self._features(seen)
        if seen.ndim == 3:
            seen = augment.mask_picture(seen, settings.augment, chance)
        loss = self.detector.loss(self.detector.judge(seen), target)
        if not math.isfinite(loss.detach().item()):
            raise _no_number(self, batch)
        self.losses.append(loss.detach())
        return loss

    def _features(self, waveform: Tensor) -> Tensor:
        # A power spectrum has more range than half precision.
        with torch.autocast(waveform.device.type, enabled=False):
            return self.detector.features(waveform)

    def on_validation_epoch_start(self) -> None:
        self.judged.clear()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        del batch_idx
        seen = batch.waveform if self.are_features else self._features(batch.waveform)
        found = self.detector.judge(seen)
        loss = float(self.detector.loss(found, batch.target))
        if not math.isfinite(loss):
            raise _no_number(self, batch)
        right = 0
        if "logits" in found:
            right = int((found["logits"].argmax(1) == batch.target.argmax(1)).sum())
        self.judged.append((loss * len(seen), right, len(seen)))

    def configure_optimizers(self) -> Any:
        settings = self.recipe.training
        weights = [one for one in self.detector.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(
            weights, lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        if settings.schedule != "one_cycle":
            return optimizer
        steps = math.ceil(len(self.train_dataloader()) / settings.accumulate) * settings.epochs
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=settings.learning_rate, total_steps=max(steps, 1)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


class _Keeper(Checkpoint):
    """After every epoch: writes the state, keeps the best, stops when it is no longer getting better, tells."""

    def __init__(self, folder: Path, recipe: Recipe, tell: Tell) -> None:
        self._folder = folder
        self._recipe = recipe
        self._tell = tell
        self._began_s = self._told_s = 0.0
        self._plateau: torch.optim.lr_scheduler.ReduceLROnPlateau | None = None
        self._plateau_state: dict[str, Any] = {}
        self.history: list[dict[str, Any]] = []
        self.best_loss = math.inf
        self.best = -1
        self.is_stopped = False

    def state_dict(self) -> dict[str, Any]:
        plateau = {} if self._plateau is None else self._plateau.state_dict()
        return {
            "history": self.history,
            "best_loss": self.best_loss,
            "best": self.best,
            "plateau": {k: v for k, v in plateau.items() if isinstance(v, int | float | list)},
            "recipe": json.dumps(self._recipe.to_dict()),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.history = list(state_dict["history"])
        self.best_loss, self.best = state_dict["best_loss"], state_dict["best"]
        self._plateau_state = state_dict["plateau"]

    def on_train_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        settings = self._recipe.training
        if settings.schedule == "plateau":
            self._plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
                trainer.optimizers[0],
                patience=int(settings.patience * _PLATEAU_PATIENCE_PART) or _PLATEAU_PATIENCE,
            )
            self._plateau.load_state_dict(self._plateau_state)
        # What was good enough to stop stays so.
        trainer.should_stop = self._is_enough()

    def on_train_epoch_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        self._began_s = time.monotonic()

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= _BATCH_EVERY_S:
            self._told_s = now_s
            of = int(trainer.num_training_batches)
            self._tell("batch", {"epoch": trainer.current_epoch, "done": batch_idx + 1, "of": of})

    def on_train_epoch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        turns = cast("_Turns", pl_module)
        epoch = self._epoch(trainer, turns)
        self.history.append(vars(epoch))
        judged_by = epoch.loss if epoch.held_out_loss is None else epoch.held_out_loss
        # Without anything held out the last is as good as any, and most was learned in it.
        is_better = epoch.held_out_loss is None or judged_by < self.best_loss
        if is_better:
            self.best_loss, self.best = judged_by, epoch.number
            weights = turns.detector.state_dict()
            checkpoint.save({"weights": weights, "epoch": epoch.number}, self._folder / BEST)
        if self._plateau is not None:
            self._plateau.step(judged_by)
        trainer.save_checkpoint(self._folder / LAST)
        self._tell("epoch", {**vars(epoch), "of": trainer.max_epochs, "is_best": is_better})
        if self._is_enough():
            trainer.should_stop = True

    def _is_enough(self) -> bool:
        patience = self._recipe.training.patience
        since = len(self.history) - 1 - self.best
        self.is_stopped = bool(
            patience
            and self.history
            and self.history[-1]["held_out_loss"] is not None
            and since >= patience
        )
        return self.is_stopped

    def _epoch(self, trainer: lightning.Trainer, turns: _Turns) -> Epoch:
        n = sum(one[2] for one in turns.judged)
        has_labels = bool(turns.detector.labels)
        return Epoch(
            number=trainer.current_epoch,
            loss=float(torch.stack(turns.losses).mean()) if turns.losses else math.nan,
            held_out_loss=sum(one[0] for one in turns.judged) / n if n else None,
            held_out_accuracy=sum(one[1] for one in turns.judged) / n if n and has_labels else None,
            learning_rate=float(trainer.optimizers[0].param_groups[0]["lr"]),
            windows_per_s=len(turns.shown) / max(time.monotonic() - self._began_s, 1e-9),
        )


def _chance(seed: int, batch: Batch) -> Generator:
    return Generator().manual_seed(_mixed(seed, batch.epoch, batch.number))


def _mixed(*numbers: int) -> int:
    """One seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint32)[0])


def _check_same_recipe(state: Mapping[str, Any], recipe: Recipe, path: Path) -> None:
    kept = next((one for one in state["callbacks"].values() if "recipe" in one), None)
    before = {} if kept is None else json.loads(kept["recipe"])
    now = json.loads(json.dumps(recipe.to_dict()))
    differing = [
        f"{name} ({_short(old)}, now {_short(new)})"
        for name, old, new in _differences(before, now)
        if not name.startswith(("track.", "training.threads"))
    ]
    if differing:
        raise TrainingError(
            f"{path} was written with another recipe: {', '.join(differing[:4])}.",
            "the recipe that training began with",
            "Go on with that one, or begin anew without --resume.",
        )


def _differences(
    old: Mapping[str, Any], new: Mapping[str, Any], within: str = ""
) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    for name in sorted(old.keys() | new.keys()):
        one, other = old.get(name), new.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found += _differences(one, other, f"{within}{name}.")
        elif one != other:
            found.append((f"{within}{name}", one, other))
    return found


def _short(value: Any) -> str:
    return str(value)[:40]


def _no_number(turns: _Turns, batch: Batch) -> TrainingError:
    names = ", ".join(turns.shown.name(int(number)) for number in batch.index[:3])
    return TrainingError(
        f"The loss is no number any more, in epoch {batch.epoch + 1} at batch {batch.number + 1} ({names}, …).",
        "a loss that falls",
        "Lower training.learning_rate, or look at these recordings: auscult data check. The last good state is kept: --resume.",
    )


def _too_large(settings: Training) -> TrainingError:
    return TrainingError(
        f"A batch of {settings.batch_size} windows does not fit into memory.",
        "room for a batch and all that is computed from it",
        f"Set training.batch_size={max(settings.batch_size // 2, 1)} and training.accumulate={settings.accumulate * 2}: the same"
        " steps in half the memory.",
    )


def _keep_quiet() -> None:
    """Lightning says on which devices it runs, and what else it would recommend."""
    for name in ("lightning", "lightning.pytorch", "lightning.pytorch.utilities.rank_zero"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _nobody(what: str, figures: Mapping[str, Any]) -> None:
    del what, figures
