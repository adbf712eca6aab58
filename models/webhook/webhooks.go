package webhook

import (
	"context"
	"encoding/json"
	"math/rand/v2"

	"locum/models"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/secret"
	"locum/models/store"
)

// Webhooks are the operations on endpoints and their deliveries.
type Webhooks struct {
	store       *store.Store
	keys        *secret.Keys
	environment string
	jitter      func() float64
}

// New opens the webhooks of a store.
func New(s *store.Store, keys *secret.Keys) (*Webhooks, error) {
	id, err := feed.Environment(keys)
	return &Webhooks{store: s, keys: keys, environment: id, jitter: rand.Float64}, err
}

// mostEndpoints is how many endpoints there can be of one place: a company as a
// whole, one organization, the platform.
const mostEndpoints = 50

// Make makes an endpoint: from now on it is posted what it chose. The secret is
// given this once.
func (w *Webhooks) Make(ctx context.Context, by models.Actor, s Scope, in Draft) (e Endpoint, text string, err error) {
	types, err := in.check()
	if err != nil {
		return e, "", err
	}
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		if err := tx.OnlyOnce(); err != nil {
			return err
		}
		if s == OfOrganization {
			in.OrganizationID = tx.Actor.Effective.Organization
		}
		if err := s.owns(tx, in); err != nil {
			return err
		}
		var there int64
		if err := tx.Model(&Endpoint{}).Where("company_id = ? AND organization_id = ?", s.owner(tx), in.OrganizationID).Count(&there).Error; err != nil {
			return err
		}
		if there >= mostEndpoints {
			return models.Fail(models.Conflict, "webhook.error.many", "Most", mostEndpoints)
		}
		e = Endpoint{CompanyID: s.owner(tx), ID: models.NewID("whe"), OrganizationID: in.OrganizationID, ApplicationID: in.ApplicationID, URL: in.URL,
			Description: in.Description, Types: types, Enabled: true, MadeBy: tx.Actor.Account, MadeByName: tx.Actor.Name, CreatedAt: models.At(tx.Now())}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		tx.Record(event.WebhookCreated, e.about(map[string]any{"types": in.Types}))
		return tx.Across("where an endpoint begins to follow", func(tx *store.Tx) error {
			if text, err = w.newSecret(tx, e); err != nil {
				return err
			}
			return begin(tx, e)
		})
	})
	return e, text, err
}

// about is an endpoint in an event. What it hides behind its host, such as a
// token in the path, stays out.
func (e Endpoint) about(data map[string]any) store.About {
	return store.About{ID: e.ID, Name: e.Host(), Company: e.CompanyID, Organization: e.OrganizationID, Data: data}
}

// Change gives an endpoint another address, description or choice. Whose events
// it gets does not change.
func (w *Webhooks) Change(ctx context.Context, by models.Actor, s Scope, id string, in Draft) (e Endpoint, err error) {
	types, err := in.check()
	if err != nil {
		return e, err
	}
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil { // what is posted elsewhere goes on when the session is over
			return err
		}
		if e, err = s.find(tx, id); err != nil {
			return err
		}
		was := e
		e.URL, e.Description, e.Types = in.URL, in.Description, types
		tx.Record(event.WebhookChanged, e.about(map[string]any{"types": in.Types,
			store.Previous: map[string]any{"host": was.Host(), "types": was.Chosen()}}))
		return tx.Model(&Endpoint{}).Where("company_id = ? AND id = ?", e.CompanyID, e.ID).
			Updates(map[string]any{"url": in.URL, "description": in.Description, "types": types}).Error
	})
	return e, err
}

// Remove ends an endpoint, with everything that was posted to it.
func (w *Webhooks) Remove(ctx context.Context, by models.Actor, s Scope, id string) (e Endpoint, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if e, err = s.find(tx, id); err != nil {
			return err
		}
		tx.Record(event.WebhookDeleted, e.about(nil))
		return tx.Where("company_id = ? AND id = ?", e.CompanyID, e.ID).Delete(&Endpoint{}).Error
	})
	return e, err
}

// SwitchOff stops posting to an endpoint; what happens meanwhile is kept.
func (w *Webhooks) SwitchOff(ctx context.Context, by models.Actor, s Scope, id string) (e Endpoint, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if e, err = s.find(tx, id); err != nil {
			return err
		}
		if !e.Enabled {
			tx.NothingToRecord() // another tab was quicker
			return nil
		}
		tx.Record(event.WebhookSwitchedOff, e.about(map[string]any{"why": ByHand}))
		return off(tx, e, ByHand)
	})
	return e, err
}

func off(tx *store.Tx, e Endpoint, why string) error {
	return tx.Model(&Endpoint{}).Where("company_id = ? AND id = ?", e.CompanyID, e.ID).
		Updates(map[string]any{"enabled": false, "off_why": why, "off_at": models.At(tx.Now())}).Error
}

// SwitchOn posts to an endpoint again: with everything that happened meanwhile,
// or from now on alone.
func (w *Webhooks) SwitchOn(ctx context.Context, by models.Actor, s Scope, id string, missed bool) (e Endpoint, err error) {
	err = w.store.Write(ctx, by, s.Need(), func(tx *store.Tx) error {
		if e, err = s.find(tx, id); err != nil {
			return err
		}
		if e.Enabled {
			tx.NothingToRecord()
			return nil
		}
		tx.Record(event.WebhookSwitchedOn, e.about(map[string]any{"missed": missed}))
		err := tx.Model(&Endpoint{}).Where("company_id = ? AND id = ?", e.CompanyID, e.ID).
			Updates(map[string]any{"enabled": true, "off_why": "", "off_at": nil, "failing_since": nil, "paused_until": nil}).Error
		if err != nil {
			return err
		}
		waiting := tx.Model(&Delivery{}).Where("company_id = ? AND endpoint_id = ? AND state = ?", e.CompanyID, e.ID, Waiting)
		if missed {
			return waiting.Update("next_at", models.At(tx.Now())).Error
		}
		if err := waiting.Updates(map[string]any{"state": Dropped, "next_at": nil, "ended_at": models.At(tx.Now())}).Error; err != nil {
			return err
		}
		return tx.Across("where an endpoint begins to follow", func(tx *store.Tx) error {
			if err := tx.Where("company_id = ? AND endpoint_id = ?", e.CompanyID, e.ID).Delete(&cursor{}).Error; err != nil {
				return err
			}
			return begin(tx, e)
		})
	})
	return e, err
}

// testBody is what a test posts: the shape of an event of ours, about nothing.
func (w *Webhooks) testBody(e Endpoint, id, at string) (string, error) {
	body, err := json.Marshal(map[string]any{"spec_version": "1", "id": id, "type": TestType, "object": "Webhook", "environment_id": w.environment,
		"company_id": e.CompanyID, "organization_id": e.OrganizationID, "occurred_at": at, "timestamp": at, "data": map[string]any{"test": true}})
	return string(body), err
}
