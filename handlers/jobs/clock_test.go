package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// alone runs do as the only replica.
func alone(ctx context.Context, _ string, do func(context.Context) error) (bool, error) {
	return true, do(ctx)
}

// within runs a clock for a while of the test's own time.
func within(c *Clock, d time.Duration, meanwhile func()) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { c.Run(ctx); close(ended) }()
	if meanwhile != nil {
		meanwhile()
	}
	pass(d)
	stop()
	<-ended
}

func clockOf(log *bytes.Buffer, sweeps ...Sweep) *Clock {
	return &Clock{Exclusive: alone, Sweeps: sweeps, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil))}
}

func TestClockRunsEachSweepInItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fast, slow atomic.Int64
		c := clockOf(new(bytes.Buffer),
			Sweep{"fast", time.Second, func(context.Context) error { fast.Add(1); return nil }},
			Sweep{"slow", time.Minute, func(context.Context) error { slow.Add(1); return nil }})
		within(c, 90*time.Second+time.Millisecond, nil)
		if fast.Load() != 91 || slow.Load() != 2 {
			t.Errorf("fast ran %d times, slow %d times", fast.Load(), slow.Load())
		}
	})
}

func TestClockIsWokenEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		c := clockOf(new(bytes.Buffer), Sweep{"daily", 24 * time.Hour, func(context.Context) error { runs.Add(1); return nil }})
		wake := make(chan struct{})
		c.Wake = wake
		within(c, time.Second, func() {
			synctest.Wait()
			for range 3 {
				wake <- struct{}{}
				synctest.Wait()
			}
			close(wake)
		})
		if runs.Load() != 4 {
			t.Errorf("ran %d times, want once at the start and once for each waking", runs.Load())
		}
	})
}

func TestClockSurvivesPanicsAndErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var fine, broken atomic.Int64
		c := clockOf(&log,
			Sweep{"broken", time.Second, func(context.Context) error {
				if n := broken.Add(1); n == 1 {
					panic("out of cheese")
				} else if n < 100 {
					return errors.New("no database")
				}
				return nil
			}},
			Sweep{"fine", time.Second, func(context.Context) error { fine.Add(1); return nil }})
		within(c, 2*time.Minute, nil)
		if broken.Load() < 120 || fine.Load() < 120 {
			t.Errorf("broken ran %d times, fine %d times", broken.Load(), fine.Load())
		}
		said := log.String()
		if !strings.Contains(said, "out of cheese") || !strings.Contains(said, "works again") {
			t.Errorf("the log lacks the panic or the recovery:\n%s", said)
		}
		if n := strings.Count(said, "sweep failed"); n != 2 {
			t.Errorf("99 failures in 99 seconds were logged %d times, want 2:\n%s", n, said)
		}
	})
}

func TestClockAsksToBeAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Int64
		c := clockOf(new(bytes.Buffer), Sweep{"expiry", time.Second, func(context.Context) error { ran.Add(1); return nil }})
		var asked atomic.Pointer[string]
		c.Exclusive = func(_ context.Context, name string, _ func(context.Context) error) (bool, error) {
			asked.Store(&name)
			return false, nil
		}
		within(c, 5*time.Second, nil)
		if ran.Load() != 0 || *asked.Load() != "sweep expiry" {
			t.Errorf("ran %d times beside another replica, asked for %q", ran.Load(), *asked.Load())
		}
	})
}

func TestClockStopsCleanly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var ended atomic.Bool
		c := clockOf(&log, Sweep{"long", time.Hour, func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second) // of the bubble: rolling back takes a moment
			ended.Store(true)
			return ctx.Err()
		}})
		within(c, time.Second, nil)
		if !ended.Load() {
			t.Error("Run returned while a sweep was under way")
		}
		if log.Len() > 0 {
			t.Errorf("stopping was logged as a failure: %s", log.String())
		}
	})
}

func TestClockCutsOffWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := clockOf(&log, Sweep{"hangs", time.Hour, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
		within(c, sweepTime+time.Second, nil)
		if !strings.Contains(log.String(), "deadline") {
			t.Errorf("a sweep that hangs was not cut off: %s", log.String())
		}
	})
}
