package federation

import (
	"time"

	"gorm.io/gorm"

	"locum/models"
)

// ClockTolerated is by how much a provider's clock may differ before its company
// is told. From three minutes on sign-ins are refused.
const ClockTolerated = time.Minute

// ClockOff is by how many seconds the provider's clock was ahead of ours at the
// last sign-in, below zero for behind; 0 while that is tolerated.
func (c Connection) ClockOff() int {
	if off := time.Duration(c.ClockAhead) * time.Second; off.Abs() > ClockTolerated {
		return c.ClockAhead
	}
	return 0
}

// seconds rounds away from zero: to be off by half a second is to be off.
func seconds(d time.Duration) int {
	switch rest := d % time.Second; {
	case rest > 0:
		return int(d/time.Second) + 1
	case rest < 0:
		return int(d/time.Second) - 1
	}
	return int(d / time.Second)
}

// success are the columns of a connection that a sign-in changes.
func (t Told) success(c Connection, now models.Instant) map[string]any {
	changes := map[string]any{"last_success_at": now, "success_count": gorm.Expr("success_count + 1"), "clock_ahead": seconds(t.ClockAhead), "clock_read_at": now}
	if c.FirstSuccessAt == nil {
		changes["first_success_at"] = now
	}
	return changes
}
