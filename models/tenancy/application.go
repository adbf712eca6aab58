package tenancy

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/store"
)

// Applications are the operations on what an organization uses.
type Applications struct{ store *store.Store }

// NewApplications opens the applications of a store.
func NewApplications(s *store.Store) *Applications { return &Applications{s} }

// Use is an application of the registry as an organization sees it.
type Use struct {
	Application
	Roles   []Role          // that somebody can have in it, in order
	Since   *models.Instant // in use here since; nil when it is not
	Holders map[string]int  // by role, how many members have it here; the default one has whoever holds no other
	Held    int             // how many roles in it members were given, each once a person
	Mine    []Grant         // what the actor holds in it as a member
}

// InUse says whether the organization uses the application.
func (u Use) InUse() bool { return u.Since != nil }

// List gives the applications in use in the actor's organization by name. Who
// manages them is also given those of the registry that are not, after them.
func (a *Applications) List(ctx context.Context, by models.Actor) (list []Use, err error) {
	err = a.store.Read(ctx, by, models.ViewApplications, func(tx *store.Tx) error {
		list, err = uses(tx)
		return err
	})
	return list, err
}

func uses(tx *store.Tx) ([]Use, error) {
	reg, err := LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	var enabled []Enabled
	if err := tx.Find(&enabled).Error; err != nil {
		return nil, err
	}
	since := map[string]*models.Instant{}
	for _, e := range enabled {
		since[e.ApplicationID] = &e.EnabledAt
	}
	people, err := readAmong(tx)
	if err != nil {
		return nil, err
	}
	var list []Use
	for _, app := range reg.Applications {
		if since[app.ID] == nil && !tx.Actor.May(models.ManageApplications) {
			continue
		}
		u := Use{Application: app, Roles: reg.At(models.ApplicationLevel, app.ID), Since: since[app.ID]}
		people.count(&u, tx.Actor)
		list = append(list, u)
	}
	slices.SortFunc(list, func(a, b Use) int {
		if a.InUse() != b.InUse() {
			return map[bool]int{true: -1, false: 1}[a.InUse()]
		}
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return list, nil
}

// Enable takes an application of the registry into use in the actor's
// organization.
func (a *Applications) Enable(ctx context.Context, by models.Actor, id string) error {
	return a.store.Write(ctx, by, models.ManageApplications, func(tx *store.Tx) error {
		return Enable(tx, tx.Actor.Effective.Organization, id)
	})
}

// Enable takes an application into use in an organization, within a transaction
// confined to it or to its company.
func Enable(tx *store.Tx, organization, id string) error {
	app, err := application(tx, id)
	if err != nil {
		return err
	}
	made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&Enabled{OrganizationID: organization, ApplicationID: id, EnabledAt: models.At(tx.Now())})
	if made.Error != nil {
		return made.Error
	}
	if made.RowsAffected == 0 {
		tx.NothingToRecord() // somebody else was quicker
		return nil
	}
	tx.Record(event.ApplicationEnabled, store.About{ID: app.ID, Name: app.Name, Organization: organization})
	tx.Notify("organization:" + organization)
	return nil
}

// Disable takes an application out of use in the actor's organization. The
// roles that people have in it stay, and count again once it is back in use.
func (a *Applications) Disable(ctx context.Context, by models.Actor, id string) error {
	return a.store.Write(ctx, by, models.ManageApplications, func(tx *store.Tx) error {
		return Disable(tx, tx.Actor.Effective.Organization, id)
	})
}

// Disable is the opposite of Enable; models.Unknown where it is not in use.
func Disable(tx *store.Tx, organization, id string) error {
	app, err := application(tx, id)
	if err != nil {
		return err
	}
	gone := tx.Where("organization_id = ? AND application_id = ?", organization, id).Delete(&Enabled{})
	if gone.Error != nil {
		return gone.Error
	}
	if gone.RowsAffected == 0 {
		return models.Unknown()
	}
	tx.Record(event.ApplicationDisabled, store.About{ID: app.ID, Name: app.Name, Organization: organization})
	tx.Notify("organization:" + organization)
	return nil
}

func application(tx *store.Tx, id string) (app Application, err error) {
	err = tx.Where("id = ?", id).Take(&app).Error
	return app, missing(err)
}
