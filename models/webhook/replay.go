package webhook

import (
	"context"
	"time"

	"locum/models"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/store"
)

// TestType is the type of what a test posts. No event has it.
const TestType = "webhook.test"

// Test posts a body about nothing, under an id of its own.
func (w *Webhooks) Test(ctx context.Context, by models.Actor, s Scope, id string) (d Delivery, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		e, err := s.posting(tx, id)
		if err != nil {
			return err
		}
		now := models.At(tx.Now())
		d = Delivery{CompanyID: e.CompanyID, OrganizationID: e.OrganizationID, ID: models.NewID("whd"), EndpointID: e.ID, MessageID: models.NewID("evt"), Type: TestType, Cause: ByTest,
			State: Waiting, NextAt: &now, CreatedAt: now}
		if d.Body, err = w.testBody(e, d.MessageID, tx.Now().UTC().Format("2006-01-02T15:04:05.000000Z")); err != nil {
			return err
		}
		tx.Record(event.WebhookTested, e.about(nil))
		return tx.Create(&d).Error
	})
	return d, err
}

// posting finds an endpoint that is on: to another nothing is posted.
func (s Scope) posting(tx *store.Tx, id string) (Endpoint, error) {
	e, err := s.find(tx, id)
	if err == nil && !e.Enabled {
		err = models.Fail(models.Conflict, "webhook.error.off")
	}
	return e, err
}

// Replay posts one delivery once more: one that waits at once, any other anew,
// with the same body and the same webhook-id.
func (w *Webhooks) Replay(ctx context.Context, by models.Actor, s Scope, endpoint, id string) error {
	return w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		e, err := s.posting(tx, endpoint)
		if err != nil {
			return err
		}
		var d Delivery
		if err := tx.Where("company_id = ? AND endpoint_id = ? AND id = ?", e.CompanyID, e.ID, id).Take(&d).Error; err != nil {
			return unknown(err)
		}
		tx.Record(event.WebhookReplayed, e.about(map[string]any{"count": 1}))
		return again(tx, []Delivery{d})
	})
}

// ReplayFailed posts everything once more that never came through, and gives
// how much that is.
func (w *Webhooks) ReplayFailed(ctx context.Context, by models.Actor, s Scope, endpoint string) (count int, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		e, err := s.posting(tx, endpoint)
		if err != nil {
			return err
		}
		now := models.At(tx.Now())
		done := tx.Model(&Delivery{}).Where("company_id = ? AND endpoint_id = ? AND state = ?", e.CompanyID, e.ID, Failed).
			Updates(map[string]any{"state": Waiting, "next_at": now, "ended_at": nil})
		if done.Error != nil {
			return done.Error
		}
		late := tx.Model(&Delivery{}).Where("company_id = ? AND endpoint_id = ? AND state = ? AND attempts > 0", e.CompanyID, e.ID, Waiting).Update("next_at", now)
		count = int(late.RowsAffected) // with those that had failed for good
		tx.Record(event.WebhookReplayed, e.about(map[string]any{"count": count}))
		return late.Error
	})
	return count, err
}

// mostReplayed is how many events one replay of a range takes.
const mostReplayed = 10_000

// Range is a time whose events are posted once more, from its beginning to just
// before its end.
type Range struct{ From, Until time.Time }

// ReplayRange posts the events of a range once more, whether or not they were
// posted before: for a receiver that lost what it had. It gives how many.
func (w *Webhooks) ReplayRange(ctx context.Context, by models.Actor, s Scope, endpoint string, r Range) (count int, err error) {
	wrong := models.FieldErrors{}
	if r.From.IsZero() {
		wrong.Add("since", "webhook.error.time")
	}
	if r.Until.IsZero() || !r.Until.After(r.From) {
		wrong.Add("until", "webhook.error.until")
	}
	if err := wrong.Err(); err != nil {
		return 0, err
	}
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		e, err := s.posting(tx, endpoint)
		if err != nil {
			return err
		}
		kinds, _ := feed.Expand(e.Chosen())
		q := tx.Where("occurred_at >= ? AND occurred_at < ? AND type IN ?", models.At(r.From), models.At(r.Until), kinds)
		if s != OfPlatform {
			q = q.Where("company_id = ?", e.CompanyID)
		}
		if e.OrganizationID != "" {
			q = q.Where("organization_id = ?", e.OrganizationID)
		}
		if q, err = ofApplication(tx, q, e, ""); err != nil {
			return err
		}
		var rows []store.Event
		if err := q.Order("company_id, position").Limit(mostReplayed + 1).Find(&rows).Error; err != nil {
			return err
		}
		if count = len(rows); count > mostReplayed {
			return (models.FieldErrors{"until": models.Text("webhook.error.range", "Most", mostReplayed)}).Err()
		}
		tx.Record(event.WebhookReplayed, e.about(map[string]any{"count": count, "from": models.At(r.From), "until": models.At(r.Until)}))
		return w.write(tx, e, rows, ByReplay)
	})
	return count, err
}

// again has deliveries posted once more.
func again(tx *store.Tx, list []Delivery) error {
	now := models.At(tx.Now())
	for _, d := range list {
		if d.State == Waiting || d.State == Failed || d.State == Dropped {
			err := tx.Model(&Delivery{}).Where("company_id = ? AND id = ?", d.CompanyID, d.ID).
				Updates(map[string]any{"state": Waiting, "next_at": now, "ended_at": nil}).Error
			if err != nil {
				return err
			}
			continue
		}
		d.ID, d.Cause, d.State, d.Attempts, d.Failure, d.NextAt, d.CreatedAt, d.EndedAt = models.NewID("whd"), ByReplay, Waiting, 0, "", &now, now, nil
		if err := tx.Create(&d).Error; err != nil {
			return err
		}
	}
	return nil
}

// Kept is for how long deliveries that ended can be looked at.
const Kept = 30 * 24 * time.Hour

// Prune forgets deliveries that ended long ago, and secrets that sign no more.
// It runs in a System transaction.
func Prune(tx *store.Tx) error {
	if err := tx.Where("ended_at < ?", models.At(tx.Now().Add(-Kept))).Delete(&Delivery{}).Error; err != nil {
		return err
	}
	return tx.Where("expires_at < ?", models.At(tx.Now())).Delete(&Secret{}).Error
}
