package delegation

import (
	"context"
	"slices"
	"strings"

	"locum/models"
	"locum/models/store"
	"locum/models/tenancy"
)

// Narrowing is what is taken away from delegations. Taking away never gives
// anything in its place: an application in which no role is left closes.
type Narrowing struct {
	Roles             []string // ids, in the organization or in its applications
	Applications      []string // ids: with every role in them
	LaterApplications bool     // applications that come into use later open no more
}

// Narrowed is what a narrowing comes to for one delegation. Failure is why it is
// left as it is; After is then nothing.
type Narrowed struct {
	Delegation
	Before, After Side
	Failure       *models.Message
}

// NarrowAll takes the same away from several delegations, each by itself: one
// that gives none of it, or would keep nothing, does not keep the others from
// it. Nobody else has to agree.
func (d *Delegations) NarrowAll(ctx context.Context, by models.Actor, chosen []Chosen, away Narrowing) ([]Result, error) {
	if err := d.canTake(ctx, by, away); err != nil {
		return nil, err
	}
	return all(chosen, func(c Chosen) (bool, error) { return false, d.narrow(ctx, by, c, away) })
}

// PreviewNarrow says what a narrowing comes to for delegations of the actor's
// organization, in the order in which they were granted, and changes nothing.
func (d *Delegations) PreviewNarrow(ctx context.Context, by models.Actor, ids []string, away Narrowing) ([]Narrowed, error) {
	if err := d.canTake(ctx, by, away); err != nil {
		return nil, err
	}
	return d.narrowed(ctx, by, ids, away)
}

// Sides says what delegations of the actor's organization give, in the order in
// which they were granted: what can be taken away from them.
func (d *Delegations) Sides(ctx context.Context, by models.Actor, ids []string) ([]Narrowed, error) {
	return d.narrowed(ctx, by, ids, Narrowing{})
}

func (d *Delegations) narrowed(ctx context.Context, by models.Actor, ids []string, away Narrowing) (list []Narrowed, err error) {
	if len(ids) > mostAtOnce {
		return nil, models.Fail(models.Conflict, "delegation.error.too_many", "Max", mostAtOnce)
	}
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var rows []Delegation
		if err := tx.Where("id IN ?", ids).Order("granted_at, id").Find(&rows).Error; err != nil {
			return err
		}
		if list, err = away.from(tx, rows); err != nil {
			return err
		}
		for i, row := range rows {
			if why, its := failure(changeable(row, tx, row.Version)); its {
				list[i].Failure, list[i].After = why, Side{}
			}
		}
		return nil
	})
	return list, err
}

func (d *Delegations) narrow(ctx context.Context, by models.Actor, c Chosen, away Narrowing) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		row, err := lock(tx, c.ID)
		if err != nil {
			return err
		}
		if err := changeable(row, tx, c.Version); err != nil {
			return err
		}
		list, err := away.from(tx, []Delegation{row})
		if err != nil {
			return err
		}
		if why := list[0].Failure; why != nil {
			return models.Fail(models.Conflict, why.Key)
		}
		return amend(tx, &row, list[0].Before, list[0].After, tx.Actor.Name, tx.Actor.Account)
	})
}

// canTake checks what is to be taken away: something, that there is. What
// every member may do goes with the delegation alone.
func (d *Delegations) canTake(ctx context.Context, by models.Actor, n Narrowing) error {
	return d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		reg, err := tenancy.LoadRegistry(tx)
		if err != nil {
			return err
		}
		wrong := models.FieldErrors{}
		for _, id := range n.Roles {
			if r, there := reg.Roles[id]; !there || r.Level == models.CompanyLevel || id == tenancy.Member {
				wrong.Add("role", "delegation.error.narrow_choice")
			}
		}
		for _, id := range n.Applications {
			if _, there := reg.Applications[id]; !there {
				wrong.Add("role", "delegation.error.narrow_choice")
			}
		}
		if len(n.Roles)+len(n.Applications) == 0 && !n.LaterApplications {
			wrong.Add("role", "delegation.error.narrow_what")
		}
		return wrong.Err()
	})
}

// from works out what delegations of the host become.
func (n Narrowing) from(tx *store.Tx, rows []Delegation) (list []Narrowed, err error) {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	enabled, err := inUse(tx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	roles, err := RolesOf(tx, reg, ids...)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		one := Narrowed{Delegation: row, Before: side(termsOf(row, roles[row.ID]), row, reg, enabled)}
		left, some := n.of(row, roles[row.ID], reg, enabled)
		switch {
		case one.Before.equal(left):
			one.Failure = &models.Message{Key: "delegation.error.narrow_none"}
		case !some:
			one.Failure = &models.Message{Key: "delegation.error.narrow_all"}
		default:
			one.After = side(left, row, reg, enabled)
		}
		list = append(list, one)
	}
	return list, nil
}

// of are the terms of a delegation once it is taken away. some says whether
// anything is left that it gives, beside being a member.
func (n Narrowing) of(d Delegation, chosen []tenancy.Role, reg tenancy.Registry, enabled []tenancy.Enabled) (left Terms, some bool) {
	closed := n.closes(d, chosen, reg)
	left, was := termsOf(d, nil), false
	here, inside := false, map[string]bool{} // roles that are left, in the organization and by application
	for _, r := range chosen {
		own := r.Level == models.OrganizationLevel
		was = was || own && r.Delegable()
		if slices.Contains(n.Roles, r.ID) || slices.Contains(closed, r.ApplicationID) {
			continue
		}
		left.Roles = append(left.Roles, r.ID)
		here, some, inside[r.ApplicationID] = here || own, some || r.ID != tenancy.Member && r.Delegable(), true
	}
	if !here && was { // what a member may do came with the role that is gone
		left.Roles = append(left.Roles, tenancy.Member)
	}
	slices.Sort(left.Roles)
	left.AllApplications = d.AllApplications && !n.LaterApplications
	apps := append(strings.Fields(d.NamedApplications), closed...)
	for _, e := range enabled {
		apps = append(apps, e.ApplicationID)
	}
	slices.Sort(apps)
	var named []string
	for _, app := range slices.Compact(apps) {
		open := d.Opens(app, nil) && !slices.Contains(closed, app) && !(n.LaterApplications && inside[app])
		if open != left.AllApplications {
			named = append(named, app)
		}
		some = some || open
	}
	left.NamedApplications = strings.Join(named, " ")
	return left, len(left.Roles) > 0 && (some || left.AllApplications)
}

// closes are the applications that open no more: those taken away, and those
// in which every role that a delegation gives is.
func (n Narrowing) closes(d Delegation, chosen []tenancy.Role, reg tenancy.Registry) []string {
	closed := slices.Clone(n.Applications)
	for _, id := range n.Roles {
		app := reg.Roles[id].ApplicationID
		if app == "" || slices.Contains(closed, app) {
			continue
		}
		given := Within(d, chosen, reg.At(models.ApplicationLevel, app))
		kept := slices.ContainsFunc(given, func(r tenancy.Role) bool { return !slices.Contains(n.Roles, r.ID) })
		if len(given) > 0 && !kept {
			closed = append(closed, app)
		}
	}
	return closed
}
