package tenancy

import (
	"context"
	"slices"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/store"
)

// maxIdleHours is the longest time after which a visit ends by itself.
const maxIdleHours = 72

// Icons are the signs that an organization can choose from, by their names in
// the icon sheet, in the order of screens.
var Icons = []string{"briefcase", "house", "boxes", "blocks", "book-open", "earth", "flask-conical", "heart-pulse", "life-buoy",
	"network", "receipt-text", "route", "scale", "server", "sun", "zap"}

// Settings is what superusers decide about their organization.
type Settings struct {
	Name           string
	Hue            int    // 1 to 8
	Icon           string // one of Icons; empty for the common sign
	TimeZone       string
	IdleHours      int // after which a visit ends by itself; 0 means never
	ReasonRequired bool
}

// Settings are the organization's as they stand.
func (o Organization) Settings() Settings {
	return Settings{o.Name, o.Hue, o.Icon, o.TimeZone, o.IdleHours, o.ReasonRequired}
}

// Check says what is wrong with the settings, by field, and trims the name.
func (s *Settings) Check() error {
	wrong := models.FieldErrors{}
	s.Name = account.CheckName(s.Name, "name", wrong)
	if s.Hue < 1 || s.Hue > 8 {
		wrong.Add("hue", "error.choice")
	}
	if s.Icon != "" && !slices.Contains(Icons, s.Icon) {
		wrong.Add("icon", "error.choice")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		wrong.Add("time_zone", "account.error.time_zone")
	}
	if s.IdleHours < 0 || s.IdleHours > maxIdleHours {
		wrong.Add("idle_hours", "organization.error.idle_hours", "Most", maxIdleHours)
	}
	return wrong.Err()
}

// Organization reads the actor's organization.
func (m *Members) Organization(ctx context.Context, by models.Actor) (o Organization, err error) {
	err = m.store.Read(ctx, by, models.ViewOrganization, func(tx *store.Tx) error {
		return tx.Where("id = ?", tx.Actor.Effective.Organization).Take(&o).Error
	})
	return o, err
}

// Configure changes the actor's organization.
func (m *Members) Configure(ctx context.Context, by models.Actor, in Settings) error {
	if err := in.Check(); err != nil {
		return err
	}
	return m.store.Write(ctx, by, models.ManageOrganization, func(tx *store.Tx) error {
		return Configure(tx, tx.Actor.Effective.Organization, in)
	})
}

// Configure changes an organization, within a transaction confined to it or to
// its company.
func Configure(tx *store.Tx, id string, in Settings) error {
	var was Organization
	if err := tx.Where("id = ?", id).Take(&was).Error; err != nil {
		return err
	}
	changes := map[string]any{"name": in.Name, "hue": in.Hue, "icon": in.Icon, "time_zone": in.TimeZone, "idle_hours": in.IdleHours, "reason_required": in.ReasonRequired}
	data, err := tx.Changed(&was, changes)
	if err != nil {
		return err
	}
	tx.Record(event.OrganizationChanged, store.About{ID: id, Name: in.Name, Organization: id, Data: data})
	tx.Notify("organization:" + id)
	return tx.Model(&Organization{}).Where("id = ?", id).Updates(changes).Error
}
