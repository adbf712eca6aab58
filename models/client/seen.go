package client

import (
	"context"
	"time"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// seenEvery is how often it is noted that an application is in use somewhere.
const seenEvery = time.Minute

// Seen notes that somebody is at work in an application in an organization, at
// most once a minute for the two, whoever it is. Protocols call it when they let
// him in. A failure is no reason to refuse him.
func (c *Clients) Seen(ctx context.Context, company, organization, application, account string) {
	now, key := c.store.Now(), [2]string{organization, application}
	c.mu.Lock()
	last, there := c.seen[key]
	if there && now.Sub(last) < seenEvery {
		c.mu.Unlock()
		return
	}
	if len(c.seen) > 10_000 {
		clear(c.seen)
	}
	c.seen[key] = now
	c.mu.Unlock()
	_ = c.store.System(ctx, "an application is in use", func(tx *store.Tx) error {
		tx.NothingToRecord()
		return tx.Model(&tenancy.Enabled{}).
			Where("company_id = ? AND organization_id = ? AND application_id = ? AND (last_seen_at IS NULL OR last_seen_at <= ?)", company, organization, application, models.At(now.Add(-seenEvery))).
			Updates(map[string]any{"last_seen_at": models.At(now), "last_seen_by": account}).Error
	})
}
