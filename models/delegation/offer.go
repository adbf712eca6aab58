package delegation

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// Offer is a delegation as its consultant sees it.
type Offer struct {
	Delegation
	Host      models.Party
	Roles     []tenancy.Role
	RoleNames []string              // of Roles, each with its application
	Reachable []tenancy.Application // the applications that come with it
	Prospect  Prospect              // the same, with his role in each
}

// offeredNow is the condition that somebody can accept a delegation: his proven
// addresses, an empty id and that of his account, and now.
const offeredNow = "normal IN ? AND named_id IN ? AND account_id = '' AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL AND approval_due IS NULL AND (ends_at IS NULL OR ends_at > ?)"

// Offers lists what the actor was offered and can accept: open delegations to
// addresses that he has proven. An unproven address sees none, nor does a
// break-glass session: it reaches its company and nothing else.
func (d *Delegations) Offers(ctx context.Context, by models.Actor) (list []Offer, err error) {
	if by.BreakGlass != nil {
		return nil, nil
	}
	err = d.store.SystemRead(ctx, "delegations offered to a person's proven addresses", func(tx *store.Tx) error {
		normals, err := invitable(tx, by.Account)
		if err != nil || len(normals) == 0 {
			return err
		}
		var open []Delegation
		err = tx.Where(offeredNow, normals, []string{"", by.Account}, models.At(tx.Now())).Order("granted_at DESC").Find(&open).Error
		if err != nil {
			return err
		}
		list, err = offers(tx, open)
		return err
	})
	return list, err
}

// Mine lists the delegations that the actor accepted, newest first, also those
// that are over; none in a break-glass session.
func (d *Delegations) Mine(ctx context.Context, by models.Actor) (list []Offer, err error) {
	if by.BreakGlass != nil {
		return nil, nil
	}
	err = d.store.SystemRead(ctx, "a consultant's own delegations", func(tx *store.Tx) error {
		var rows []Delegation
		if err := tx.Where("account_id = ?", by.Account).Order("granted_at DESC").Limit(200).Find(&rows).Error; err != nil {
			return err
		}
		list, err = offers(tx, rows)
		return err
	})
	return list, err
}

// Offer gives one delegation that was offered to the actor, or that he has. To
// anyone else it does not exist.
func (d *Delegations) Offer(ctx context.Context, by models.Actor, id string) (one Offer, err error) {
	if err := by.NotInBreakGlass(); err != nil {
		return one, err
	}
	err = d.store.SystemRead(ctx, "one delegation of its consultant", func(tx *store.Tx) error {
		row, err := his(tx, by.Account, id)
		if err != nil {
			return err
		}
		list, err := offers(tx, []Delegation{row})
		if err == nil {
			one = list[0]
		}
		return err
	})
	return one, err
}

// his finds a delegation that is bound to an account, or offered to an address
// that the account has proven.
func his(tx *store.Tx, person, id string) (Delegation, error) {
	var row Delegation
	if err := tx.Where("id = ?", id).Take(&row).Error; err != nil {
		return row, unknown(err)
	}
	if !row.Given() {
		return row, models.Unknown()
	}
	if row.AccountID != "" {
		if row.AccountID != person {
			return row, models.Unknown()
		}
		return row, nil
	}
	if row.NamedID != "" && row.NamedID != person {
		return row, models.Unknown()
	}
	normals, err := invitable(tx, person)
	if err != nil {
		return row, err
	}
	for _, normal := range normals {
		if normal == row.Normal {
			return row, nil
		}
	}
	return row, models.Unknown()
}

// invitable are the addresses at which an account can be offered a delegation:
// those that it has proven, and none of a service, which cannot switch.
func invitable(tx *store.Tx, id string) ([]string, error) {
	person, err := account.Load(tx, id)
	if err != nil || person.Service {
		return nil, err
	}
	return account.ProvenAddresses(tx, id)
}

func offers(tx *store.Tx, rows []Delegation) ([]Offer, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	roles, err := RolesOf(tx, reg, ids...)
	if err != nil {
		return nil, err
	}
	list := make([]Offer, len(rows))
	for i, row := range rows {
		o := Offer{Delegation: row, Roles: roles[row.ID], RoleNames: RoleNames(reg, roles[row.ID])}
		if o.Host, err = tenancy.PartyOf(tx, row.CompanyID, row.OrganizationID); err != nil {
			return nil, err
		}
		if o.Prospect, err = prospect(tx, reg, row, o.Roles); err != nil {
			return nil, err
		}
		for _, opened := range o.Prospect.Applications {
			o.Reachable = append(o.Reachable, opened.Application)
		}
		list[i] = o
	}
	return list, nil
}

// Accept binds the delegation to the actor's account. Only an account that has
// proven the invited address can; his own organization is noted as it is now.
func (d *Delegations) Accept(ctx context.Context, by models.Actor, id string) error {
	return d.answer(ctx, by, id, func(tx *store.Tx, row Delegation, person account.Person) error {
		if person.HomeOrganizationID == nil {
			return models.Fail(models.Conflict, "delegation.error.no_home")
		}
		home, err := tenancy.PartyOf(tx, *person.HomeCompanyID, *person.HomeOrganizationID)
		if err != nil {
			return err
		}
		kept, err := tenancy.Blocked(tx, row.CompanyID, person.ID)
		if err != nil {
			return err
		}
		if kept {
			return models.Fail(models.Conflict, "delegation.error.kept_out")
		}
		member, err := isMember(tx, person.ID, row)
		if err != nil {
			return err
		}
		if member {
			return models.Fail(models.Conflict, "delegation.error.member_already")
		}
		if err := onlyOne(tx, person.ID, row); err != nil {
			return err
		}
		if err := forFirm(tx, row, person); err != nil {
			return err
		}
		now := models.At(tx.Now())
		row.AccountID, row.AccountName, row.AcceptedAt = person.ID, person.Name, &now
		row.RealCompanyID, row.RealOrganizationID, row.RealOrganizationName = home.Company, home.Organization, home.Name
		if err := save(tx, &row, map[string]any{"account_id": person.ID, "account_name": person.Name, "accepted_at": now,
			"real_company_id": home.Company, "real_organization_id": home.Organization, "real_organization_name": home.Name}); err != nil {
			return err
		}
		tx.Record(event.DelegationAccepted, about(row, nil))
		return answered(tx, row, true)
	})
}

// Decline refuses the delegation.
func (d *Delegations) Decline(ctx context.Context, by models.Actor, id string) error {
	return d.answer(ctx, by, id, func(tx *store.Tx, row Delegation, person account.Person) error {
		now := models.At(tx.Now())
		row.DeclinedAt, row.AccountName = &now, person.Name
		if err := save(tx, &row, map[string]any{"declined_at": now, "account_name": person.Name}); err != nil {
			return err
		}
		tx.Record(event.DelegationDeclined, about(row, nil))
		return answered(tx, row, false)
	})
}

// GiveBack ends a delegation by its consultant: he is finished.
func (d *Delegations) GiveBack(ctx context.Context, by models.Actor, id string) error {
	return d.store.SystemForScope(ctx, by, WriteOwn, "a consultant gives a delegation back", func(tx *store.Tx) error {
		if by.Epoch != tx.Actor.Epoch {
			return models.Fail(models.Stale, "error.stale")
		}
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		row, err := lock(tx, id)
		if err != nil {
			return err
		}
		if row.AccountID != tx.Actor.Account {
			return models.Unknown()
		}
		if row.Over(tx.Now()) {
			return models.Fail(models.Conflict, "delegation.error.over")
		}
		return revoke(tx, row, event.DelegationGivenBack)
	})
}

// answer locks an open offer of the actor and applies his answer to it.
func (d *Delegations) answer(ctx context.Context, by models.Actor, id string, do func(*store.Tx, Delegation, account.Person) error) error {
	return d.store.SystemForScope(ctx, by, WriteOwn, "answer an offered delegation", func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil {
			return err
		}
		var row Delegation
		if err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).Where("id = ?", id).Take(&row).Error; err != nil {
			return unknown(err)
		}
		if _, err := his(tx, tx.Actor.Account, id); err != nil {
			return err
		}
		switch {
		case row.AcceptedAt != nil:
			return models.Fail(models.Conflict, "delegation.error.accepted_already")
		case row.Over(tx.Now()):
			return models.Fail(models.Conflict, "delegation.error.over")
		}
		person, err := account.Load(tx, tx.Actor.Account)
		if err != nil {
			return err
		}
		return do(tx, row, person)
	})
}

// isMember says whether somebody holds a role in the host itself. A role in one
// of its applications alone makes no member.
func isMember(tx *store.Tx, person string, d Delegation) (bool, error) {
	var roles int64
	err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).
		Where("company_id = ? AND organization_id = ? AND account_id = ? AND application_id = ''", d.CompanyID, d.OrganizationID, person).Count(&roles).Error
	return roles > 0, err
}

// answered tells the superusers what the consultant answered.
func answered(tx *store.Tx, d Delegation, accepted bool) error {
	f, err := facts(tx, d)
	if err != nil {
		return err
	}
	return tell(tx, d, key("answered", d), mail.Answered{Delegated: f, Accepted: accepted}, nil)
}

// key names a mail about one version of a delegation, so that it goes out once.
func key(kind string, d Delegation) string {
	return fmt.Sprintf("delegation.%s.%s.%d", kind, d.ID, d.Version)
}

// onlyOne refuses a second delegation of one host to one person, whom it may
// have invited at two addresses.
func onlyOne(tx *store.Tx, person string, row Delegation) error {
	var others int64
	err := tx.Model(&Delegation{}).Where("company_id = ? AND organization_id = ? AND account_id = ? AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > ?)",
		row.CompanyID, row.OrganizationID, person, models.At(tx.Now())).Count(&others).Error
	if err == nil && others > 0 {
		return models.Fail(models.Conflict, "delegation.error.another")
	}
	return err
}
