package delegation

import (
	"context"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// NamePerson gives a person of the actor's company his part of a delegation to
// it. He is invited like any consultant and accepts himself: visits are
// recorded in his name, and nobody else can agree to that.
func (d *Delegations) NamePerson(ctx context.Context, by models.Actor, id, person string) (made Delegation, err error) {
	err = d.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		if err := tx.Actor.NotInBreakGlass(); err != nil { // it would outlive the session
			return err
		}
		company := tx.Actor.Effective.Company
		if belongs, err := belongsTo(tx, company, person); err != nil || !belongs {
			if err == nil {
				err = models.Unknown()
			}
			return err
		}
		return tx.Across("a person is named for a delegation to his firm", func(tx *store.Tx) error {
			f, err := givenTo(tx, company, id)
			if err != nil {
				return err
			}
			p, err := account.Load(tx, person)
			if err != nil {
				return err
			}
			if err := nameable(tx, f, p); err != nil {
				return err
			}
			made, err = enlist(tx, f, p)
			return err
		})
	})
	return made, err
}

// UnnamePerson takes back whom the actor's company named.
func (d *Delegations) UnnamePerson(ctx context.Context, by models.Actor, id, person string) (was Delegation, err error) {
	err = d.store.Write(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		return tx.Across("a firm takes back whom it named", func(tx *store.Tx) error {
			f, err := givenTo(tx, company, id)
			if err != nil {
				return err
			}
			named, err := namedOf(tx, f)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(named, func(d Delegation) bool { return d.NamedID == person })
			if i < 0 {
				return models.Unknown()
			}
			was = named[i]
			if err := recordForFirm(tx, f, event.FirmUnnamed, was.AccountName); err != nil {
				return err
			}
			return revoke(tx, was, event.DelegationRevoked)
		})
	})
	return was, err
}

// givenTo locks a delegation that a company got from elsewhere. One that nobody
// approved it does not know of.
func givenTo(tx *store.Tx, company, id string) (Firm, error) {
	f, err := lockFirm(tx, id)
	if err == nil && (f.FirmCompanyID != company || f.ApprovedAt == nil) {
		err = models.Unknown()
	}
	return f, err
}

// belongsTo says whether a person holds any role of a company now. The
// transaction is confined to the company, or to nothing.
func belongsTo(tx *store.Tx, company, person string) (bool, error) {
	var roles int64
	err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id = ?", company, person).Count(&roles).Error
	return roles > 0, err
}

// nameable refuses people whom a firm cannot name for a host. What the host has
// to do with a person it may tell itself.
func nameable(tx *store.Tx, f Firm, p account.Person) error {
	host := Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID}
	refuse := func(key string) error { return models.Fail(models.Conflict, key, "Name", p.Name) }
	open, err := tenancy.Open(tx, f.CompanyID, f.OrganizationID)
	if err != nil {
		return err
	}
	switch {
	case !open, !f.Status(tx.Now()).MayName():
		return refuse("firm.error.over")
	case p.Service:
		return refuse("delegation.error.service")
	case p.DeactivatedAt != nil, !p.Proven:
		return refuse("firm.error.unproven")
	case p.HomeCompanyID == nil || *p.HomeCompanyID != f.FirmCompanyID:
		return refuse("firm.error.elsewhere")
	}
	var vetoes int64
	if err := tx.Model(&Veto{}).Where("company_id = ? AND firm_id = ? AND account_id = ?", f.CompanyID, f.ID, p.ID).Count(&vetoes).Error; err != nil {
		return err
	}
	if vetoes > 0 {
		return refuse("firm.error.vetoed")
	}
	kept, err := tenancy.Blocked(tx, f.CompanyID, p.ID)
	if err != nil {
		return err
	}
	member, err := isMember(tx, p.ID, host)
	if err != nil {
		return err
	}
	if kept || member {
		return refuse("firm.error.cannot")
	}
	if err := recordLapsed(tx, f.CompanyID, f.OrganizationID, p.Normal); err != nil {
		return err
	}
	var have int64
	err = tx.Model(&Delegation{}).Where("company_id = ? AND organization_id = ? AND (account_id = ? OR normal = ?) AND revoked_at IS NULL AND declined_at IS NULL AND (ends_at IS NULL OR ends_at > ?)",
		f.CompanyID, f.OrganizationID, p.ID, p.Normal, models.At(tx.Now())).Count(&have).Error
	if err != nil {
		return err
	}
	if have > 0 {
		return refuse("firm.error.already")
	}
	named, err := namedOf(tx, f)
	if err == nil && len(named) >= f.People {
		err = models.Fail(models.Conflict, "firm.error.full", "People", f.People)
	}
	return err
}

// enlist makes the delegation of somebody whom a firm named, invites him, and
// tells the superusers of the host.
func enlist(tx *store.Tx, f Firm, p account.Person) (Delegation, error) {
	home, err := tenancy.PartyOf(tx, *p.HomeCompanyID, *p.HomeOrganizationID)
	if err != nil {
		return Delegation{}, err
	}
	now := models.At(tx.Now())
	d := Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID, ID: models.NewID("dlg"), Email: p.Email, Normal: p.Normal, Language: p.Language,
		AccountName: p.Name, RealCompanyID: home.Company, RealOrganizationID: home.Organization, RealOrganizationName: home.Name,
		Period: f.Period, StartsAt: f.StartsAt, EndsAt: f.EndsAt, AllApplications: f.AllApplications, Reason: f.Reason, Ticket: f.Ticket,
		GrantedBy: f.GrantedBy, GrantedByName: f.GrantedByName, GrantedAt: now, FirmID: f.ID, NamedID: p.ID, Version: 1}
	if d.StartsAt.Before(now.Time) {
		d.StartsAt = now
	}
	if err := tx.Create(&d).Error; err != nil {
		if store.Duplicate(err) {
			return d, models.Fail(models.Conflict, "firm.error.already", "Name", p.Name)
		}
		return d, err
	}
	var roles []FirmRole
	if err := tx.Where("company_id = ? AND firm_id = ?", f.CompanyID, f.ID).Find(&roles).Error; err != nil {
		return d, err
	}
	given := make([]Given, len(roles))
	for i, r := range roles {
		given[i] = Given{CompanyID: d.CompanyID, OrganizationID: d.OrganizationID, DelegationID: d.ID, RoleID: r.RoleID, ApplicationID: r.ApplicationID}
	}
	if err := tx.Create(&given).Error; err != nil {
		return d, err
	}
	tx.Record(event.DelegationGranted, about(d, map[string]any{"firm": f.FirmName}))
	tx.Notify("organization:"+d.OrganizationID, "account:"+p.ID)
	facts, err := facts(tx, d)
	if err != nil {
		return d, err
	}
	if err := queue(tx, d, invitationKey(d), p.Recipient(), mail.Invitation{Delegated: facts}); err != nil {
		return d, err
	}
	if err := tell(tx, d, "firm.person."+d.ID, mail.FirmPerson{Delegated: facts, FirmDelegation: f.ID, By: tx.Actor.Name}, nil); err != nil {
		return d, err
	}
	return d, recordForFirm(tx, f, event.FirmNamed, p.Name)
}

// recordForFirm leaves with the firm what its own manager did.
func recordForFirm(tx *store.Tx, f Firm, kind, person string) error {
	host, err := tenancy.PartyOf(tx, f.CompanyID, f.OrganizationID)
	if err == nil {
		tx.Record(kind, store.About{ID: f.ID, Name: person, Company: f.FirmCompanyID, Data: map[string]any{"host": host.Label()}})
	}
	return err
}

// forFirm refuses to let anybody accept but whom the firm named, as long as he
// belongs to it.
func forFirm(tx *store.Tx, d Delegation, p account.Person) error {
	if d.FirmID == "" {
		return nil
	}
	if p.HomeCompanyID == nil || *p.HomeCompanyID != d.RealCompanyID {
		return models.Fail(models.Conflict, "firm.error.left")
	}
	belongs, err := belongsTo(tx, d.RealCompanyID, p.ID)
	if err == nil && !belongs {
		err = models.Fail(models.Conflict, "firm.error.left")
	}
	return err
}

// leaveFirms takes what people have by their firm from those who lost their
// last role in it. It runs in a System transaction.
func leaveFirms(tx *store.Tx, taken []store.About) error {
	people := map[string][]string{} // by company
	for _, about := range taken {
		people[about.Company] = append(people[about.Company], about.ID)
	}
	companies := make([]string, 0, len(people))
	for company := range people {
		companies = append(companies, company)
	}
	slices.Sort(companies)
	for _, company := range companies {
		for part := range slices.Chunk(people[company], 500) {
			var named []string
			err := tx.Model(&Delegation{}).Where("named_id IN ? AND real_company_id = ? AND revoked_at IS NULL AND declined_at IS NULL", part, company).
				Distinct().Order("named_id").Pluck("named_id", &named).Error
			if err != nil {
				return err
			}
			for _, person := range named {
				belongs, err := belongsTo(tx, company, person)
				if err != nil {
					return err
				}
				if belongs {
					continue
				}
				if err := leaveFirm(tx, company, person); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// leaveFirm ends every delegation that somebody has by a firm. Coming back does
// not revive them: the firm may name him again.
func leaveFirm(tx *store.Tx, company, person string) error {
	var rows []Delegation
	err := tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate}).
		Where("named_id = ? AND real_company_id = ? AND revoked_at IS NULL AND declined_at IS NULL", person, company).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, d := range rows {
		if d.Over(tx.Now()) {
			continue // the sweep writes that down
		}
		if err := revoke(tx, d, event.DelegationRevoked); err != nil {
			return err
		}
	}
	return nil
}
