package delegation

import (
	"context"
	"fmt"
	"strings"

	"locum/models"
	"locum/models/account"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// FirmProposal is what a superuser fills in to give a delegation to a firm.
type FirmProposal struct {
	Firm   string // a verified domain of it, or an address there
	People int    // how many it may name at a time
	Roles  []string
	Chosen bool // roles were to be chosen, so that none is a mistake
	Period Period
	Date   string
	Reason string
	Ticket string
}

// mostPeople is how many people a firm can be let to name.
const mostPeople = 500

// FirmPlan is a checked FirmProposal: what would be given.
type FirmPlan struct {
	Plan
	Firm   models.Party // the company, with the domain by which it was found
	People int
}

// check reads a proposal in the actor's organization.
func (in FirmProposal) check(tx *store.Tx) (plan FirmPlan, wrong models.FieldErrors, err error) {
	host, err := hostOf(tx)
	if err != nil {
		return plan, nil, err
	}
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return plan, nil, err
	}
	domain, ok := domainOf(in.Firm)
	terms := Proposal{Email: "firm@" + domain, Roles: in.Roles, Chosen: in.Chosen, Period: in.Period, Date: in.Date, Reason: in.Reason, Ticket: in.Ticket}
	if plan.Plan, wrong, err = terms.check(tx, host, reg); err != nil {
		return plan, wrong, err
	}
	delete(wrong, "email") // what is wrong with the firm is said at its own field
	plan.People = in.People
	others := 0
	if plan.Told, others, err = superusers(tx, host); err != nil {
		return plan, wrong, err
	}
	checkApprovers(host, plan.Told, others, wrong)
	if in.People < 1 || in.People > mostPeople {
		wrong.Add("people", "firm.error.people", "Most", mostPeople)
	}
	if strings.TrimSpace(in.Firm) == "" {
		wrong.Add("firm", "error.required")
		return plan, wrong, nil
	}
	if !ok {
		wrong.Add("firm", "firm.error.domain")
		return plan, wrong, nil
	}
	return plan, wrong, findFirm(tx, domain, &plan, wrong)
}

// domainOf reads a domain, or the one of an address, in its ASCII form.
func domainOf(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "@") {
		text = "firm@" + text
	}
	email, ok := account.ParseEmail(text)
	return email.Domain(), ok
}

// findFirm finds the company that has verified a domain.
func findFirm(tx *store.Tx, domain string, plan *FirmPlan, wrong models.FieldErrors) error {
	here := tx.Actor.Effective
	return tx.Across("the company of a verified domain", func(tx *store.Tx) error {
		var d tenancy.Domain
		err := tx.Where("name = ? AND verified_at IS NOT NULL", domain).Take(&d).Error
		if store.Missing(err) {
			wrong.Add("firm", "firm.error.unverified", "Domain", domain)
			return nil
		}
		if err != nil {
			return err
		}
		at, err := tenancy.StandingOf(tx, d.CompanyID, "")
		if err != nil {
			return err
		}
		switch {
		case d.CompanyID == here.Company:
			wrong.Add("firm", "firm.error.oneself")
			return nil
		case !at.Open:
			wrong.Add("firm", "firm.error.unverified", "Domain", domain)
			return nil
		}
		plan.Firm = at.Party
		plan.Firm.Domain = d.Name
		return nil
	})
}

// onlyOneFirm refuses a second delegation of one host to one firm.
func onlyOneFirm(tx *store.Tx, firm models.Party, wrong models.FieldErrors) error {
	if firm.Company == "" {
		return nil
	}
	var rows []Firm
	if err := tx.Where("firm_company_id = ? AND ended_at IS NULL", firm.Company).Find(&rows).Error; err != nil {
		return err
	}
	for _, f := range rows {
		if !f.Status(tx.Now()).Over() {
			wrong.Add("firm", "firm.error.open_already", "Firm", f.FirmName)
		}
	}
	return nil
}

// PreviewFirm checks a proposal without giving anything: which company it is,
// and what it would get.
func (d *Delegations) PreviewFirm(ctx context.Context, by models.Actor, in FirmProposal) (plan FirmPlan, err error) {
	err = d.store.Read(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		var wrong models.FieldErrors
		if plan, wrong, err = in.check(tx); err != nil {
			return err
		}
		if err := onlyOneFirm(tx, plan.Firm, wrong); err != nil {
			return err
		}
		return wrong.Err()
	})
	return plan, err
}

// GrantFirm lets a firm name people who may work in the actor's organization.
// Where the host wants approval, another superuser has to agree first.
func (d *Delegations) GrantFirm(ctx context.Context, by models.Actor, in FirmProposal) (f Firm, err error) {
	err = d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		if err := tenancy.Lock(tx, tx.Actor.Effective.Organization); err != nil { // one of two at the same time
			return err
		}
		plan, wrong, err := in.check(tx)
		if err != nil {
			return err
		}
		if err := onlyOneFirm(tx, plan.Firm, wrong); err != nil {
			return err
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		now := models.At(tx.Now())
		f = Firm{ID: models.NewID("fdl"), FirmCompanyID: plan.Firm.Company, FirmName: plan.Firm.CompanyName, FirmDomain: plan.Firm.Domain, People: in.People,
			Period: in.Period, StartsAt: models.At(plan.Starts), EndsAt: plan.Ends, AllApplications: plan.AllApplications,
			Reason: strings.TrimSpace(in.Reason), Ticket: strings.TrimSpace(in.Ticket), GrantedBy: tx.Actor.Account, GrantedByName: tx.Actor.Name, GrantedAt: now, Version: 1}
		if !plan.Approval {
			f.ApprovedAt = &now
		}
		if err := tx.Create(&f).Error; err != nil {
			return err
		}
		given := make([]FirmRole, len(plan.Roles))
		for i, r := range plan.Roles {
			given[i] = FirmRole{FirmID: f.ID, RoleID: r.ID, ApplicationID: r.ApplicationID}
		}
		if err := tx.Create(&given).Error; err != nil {
			return err
		}
		tx.Record(event.FirmGranted, aboutFirm(f))
		tx.Notify("organization:" + f.OrganizationID)
		return announce(tx, f, false)
	})
	return f, err
}

// announce tells the other superusers and, once it is approved, the managers of
// the firm. extended says that it got another end.
func announce(tx *store.Tx, f Firm, extended bool) error {
	return tx.Across("mails about a delegation to a firm", func(tx *store.Tx) error {
		facts, err := firmFacts(tx, f)
		if err != nil {
			return err
		}
		host, key := Delegation{CompanyID: f.CompanyID, OrganizationID: f.OrganizationID}, fmt.Sprintf("firm.%s.%d", f.ID, f.Version)
		if f.ApprovedAt == nil {
			return tell(tx, host, key, mail.FirmProposed{FirmDelegated: facts, Lapses: f.Lapses()}, nil, f.GrantedBy)
		}
		if err := tell(tx, host, key, mail.FirmGranted{FirmDelegated: facts, By: tx.Actor.Name, Extended: extended}, nil, tx.Actor.Account); err != nil {
			return err
		}
		return tellFirm(tx, f, key+".firm", mail.FirmGiven{FirmDelegated: facts, Extended: extended})
	})
}

// ApproveFirm agrees to a delegation to a firm that another superuser proposed:
// its period counts from now. Or to a later end that he proposed. Who is no
// superuser himself cannot.
func (d *Delegations) ApproveFirm(ctx context.Context, by models.Actor, id string, version int64) error {
	return d.store.Write(ctx, by, models.ManageDelegations, func(tx *store.Tx) error {
		f, err := lockFirm(tx, id)
		if err != nil {
			return err
		}
		switch {
		case f.Wanted(tx.Now()):
			return approveLater(tx, f, version)
		case f.Status(tx.Now()).Over():
			return models.Fail(models.Conflict, "firm.error.over")
		case f.ApprovedAt != nil:
			return models.Fail(models.Conflict, "firm.error.approved")
		case f.GrantedBy == tx.Actor.Account:
			return models.Fail(models.Conflict, "firm.error.own_proposal")
		case f.Version != version:
			return models.Fail(models.Conflict, "delegation.error.changed")
		}
		if err := superuserOf(tx, f.CompanyID, f.OrganizationID); err != nil {
			return err
		}
		host, err := hostOf(tx)
		if err != nil {
			return err
		}
		now := models.At(tx.Now())
		if f.StartsAt.Before(now.Time) {
			f.StartsAt = now
			if f.Period != UntilDate { // a last day stays the last
				f.EndsAt, _ = f.Period.End(now.Time, host.Zone(), "")
			}
		}
		if cap := host.Hosting.Cap(f.StartsAt.Time, host.Zone()); cap != nil && (f.EndsAt == nil || f.EndsAt.After(*cap)) {
			f.EndsAt = models.AtPtr(*cap) // which may be a shorter one by now
		}
		f.ApprovedAt, f.ApprovedBy, f.ApprovedByName = &now, tx.Actor.Account, tx.Actor.Name
		if err := saveFirm(tx, &f, map[string]any{"approved_at": now, "approved_by": f.ApprovedBy, "approved_by_name": f.ApprovedByName,
			"starts_at": f.StartsAt, "ends_at": f.EndsAt}); err != nil {
			return err
		}
		tx.Record(event.FirmApproved, aboutFirm(f))
		return announce(tx, f, false)
	})
}
