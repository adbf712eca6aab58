package delegation

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"locum/models"
	"locum/models/account"
	"locum/models/store"
	"locum/models/tenancy"
)

// renewalTime is how long before its end a firm thinks of asking for more.
const renewalTime = 14 * 24 * time.Hour

// Engagement is somebody's delegation elsewhere, as far as it is his own firm's
// to know: whose, for how long, with which roles. Nothing of what it is for, who
// gave it, or what is done there.
type Engagement struct {
	ID        string
	Account   string
	Person    string
	Email     string // of his account, or at which the firm named him; never one at which a host invited him
	FirmID    string // of the Firm by which he was named, or empty
	Starts    models.Instant
	Ends      *models.Instant
	Status    Status
	RoleNames []string // each with its application
	Present   bool     // there is a visit now
	Left      bool     // he holds no role in his firm any more
}

// Renewal says whether it ends so soon that somebody may want to ask for more
// time.
func (e Engagement) Renewal(now time.Time) bool {
	return e.Ends != nil && !e.Status.Ended() && e.Ends.Sub(now) <= renewalTime
}

// FirmGrant is a delegation to the actor's own company, as its managers see it.
type FirmGrant struct {
	Firm
	Host      models.Party
	RoleNames []string
	People    []Engagement // named, and not over
	Vetoed    []string     // accounts that the host does not want
}

// Customer is an organization for which people of a firm work.
type Customer struct {
	Host   models.Party
	Grants []FirmGrant // to the firm itself
	People []Engagement
}

// Customers lists the organizations elsewhere for which people of the actor's
// company have delegations that are not over, by name.
func (d *Delegations) Customers(ctx context.Context, by models.Actor) (list []Customer, err error) {
	err = d.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		return tx.Across("where people of a firm work, as far as it may know", func(tx *store.Tx) error {
			people, hosts, err := engagements(tx, company)
			if err != nil {
				return err
			}
			grants, err := firmGrants(tx, company, "")
			if err != nil {
				return err
			}
			list, err = byHost(tx, people, hosts, grants)
			return err
		})
	})
	return list, err
}

// byHost gathers engagements and grants by the organization that gave them.
func byHost(tx *store.Tx, people []Engagement, hosts []tenancy.PartyID, grants []FirmGrant) ([]Customer, error) {
	found, err := tenancy.Standings(tx, hosts...)
	if err != nil {
		return nil, err
	}
	customers := map[string]*Customer{}
	at := func(host models.Party) *Customer {
		if customers[host.Organization] == nil {
			customers[host.Organization] = &Customer{Host: host}
		}
		return customers[host.Organization]
	}
	for i, e := range people {
		c := at(found[hosts[i]].Party)
		c.People = append(c.People, e)
	}
	for _, g := range grants {
		c := at(g.Host)
		c.Grants = append(c.Grants, g)
	}
	var list []Customer
	for _, c := range customers {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b Customer) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Host.Label()), strings.ToLower(b.Host.Label())), strings.Compare(a.Host.Organization, b.Host.Organization))
	})
	return list, nil
}

// engagements reads what people of a company have elsewhere, with the host of
// each at the same place of the second list. It runs in a System transaction.
func engagements(tx *store.Tx, company string) (list []Engagement, hosts []tenancy.PartyID, err error) {
	var rows []Delegation
	err = tx.Where("real_company_id = ? AND company_id <> ? AND revoked_at IS NULL AND declined_at IS NULL AND expiry_recorded_at IS NULL", company, company).
		Order("account_name, granted_at, id").Limit(2000).Find(&rows).Error
	if err != nil {
		return nil, nil, err
	}
	rows = slices.DeleteFunc(rows, func(d Delegation) bool { return d.Over(tx.Now()) })
	list, err = engage(tx, company, rows)
	for _, d := range rows {
		hosts = append(hosts, tenancy.PartyID{Company: d.CompanyID, Organization: d.OrganizationID})
	}
	return list, hosts, err
}

// engage shows delegations as the firm of their people may see them.
func engage(tx *store.Tx, company string, rows []Delegation) ([]Engagement, error) {
	reg, err := tenancy.LoadRegistry(tx)
	if err != nil {
		return nil, err
	}
	ids, accounts := make([]string, len(rows)), make([]string, len(rows))
	for i, d := range rows {
		ids[i], accounts[i] = d.ID, cmp.Or(d.AccountID, d.NamedID)
	}
	roles, err := RolesOf(tx, reg, ids...)
	if err != nil {
		return nil, err
	}
	inside, belong := map[string]bool{}, map[string]bool{}
	for part := range slices.Chunk(ids, 500) {
		var open []string
		if err := tx.Model(&Visit{}).Where("delegation_id IN ? AND left_at IS NULL", part).Pluck("delegation_id", &open).Error; err != nil {
			return nil, err
		}
		for _, id := range open {
			inside[id] = true
		}
	}
	for part := range slices.Chunk(accounts, 500) {
		var held []string
		err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Where("company_id = ? AND account_id IN ?", company, part).Pluck("account_id", &held).Error
		if err != nil {
			return nil, err
		}
		for _, id := range held {
			belong[id] = true
		}
	}
	people, err := account.LoadAll(tx, accounts)
	if err != nil {
		return nil, err
	}
	list := make([]Engagement, len(rows))
	for i, d := range rows {
		list[i] = Engagement{ID: d.ID, Account: accounts[i], Person: d.Person(), Email: knownAddress(d, people[accounts[i]], belong[accounts[i]]), FirmID: d.FirmID, Starts: d.StartsAt, Ends: d.EndsAt,
			Status: d.Status(tx.Now()), RoleNames: RoleNames(reg, roles[d.ID]), Present: inside[d.ID] && d.Active(tx.Now()), Left: !belong[accounts[i]]}
	}
	return list, nil
}

// knownAddress is the address of somebody that his firm knows by itself. A host may
// have invited him at one of his own.
func knownAddress(d Delegation, p account.Person, belongs bool) string {
	switch {
	case belongs:
		return p.Email
	case d.FirmID != "":
		return d.Email
	}
	return ""
}

// firmGrants reads the delegations to a company that hold, or the one with an
// id. It runs in a System transaction.
func firmGrants(tx *store.Tx, company, id string) (list []FirmGrant, err error) {
	var rows []Firm
	query := tx.Where("firm_company_id = ? AND approved_at IS NOT NULL", company)
	if id != "" {
		query = query.Where("id = ?", id)
	}
	if err := query.Order("granted_at, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, f := range rows {
		if id == "" && f.Status(tx.Now()).Over() {
			continue
		}
		g := FirmGrant{Firm: f}
		if g.Host, err = tenancy.PartyOf(tx, f.CompanyID, f.OrganizationID); err != nil {
			return nil, err
		}
		roles, err := firmRoleNames(tx, []string{f.ID})
		if err != nil {
			return nil, err
		}
		g.RoleNames = roles[f.ID]
		var named []Delegation
		if err := tx.Where("company_id = ? AND firm_id = ? AND revoked_at IS NULL AND declined_at IS NULL", f.CompanyID, f.ID).Order("account_name, id").Find(&named).Error; err != nil {
			return nil, err
		}
		named = slices.DeleteFunc(named, func(d Delegation) bool { return d.Over(tx.Now()) })
		if g.People, err = engage(tx, company, named); err != nil {
			return nil, err
		}
		if err := tx.Model(&Veto{}).Where("company_id = ? AND firm_id = ?", f.CompanyID, f.ID).Pluck("account_id", &g.Vetoed).Error; err != nil {
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

// Candidate is a person of a firm who could be named.
type Candidate struct {
	account.Person
	Named  bool
	Vetoed bool
}

// mostCandidates is how many people a form offers at once.
const mostCandidates = 50

// FirmGrant gives one delegation to the actor's company, and the people of it
// who could be named: those with a text in their name or address.
func (d *Delegations) FirmGrant(ctx context.Context, by models.Actor, id, query string) (one FirmGrant, people []Candidate, err error) {
	err = d.store.Read(ctx, by, models.ManagePeople, func(tx *store.Tx) error {
		company := tx.Actor.Effective.Company
		var held []string
		err := tx.Model(&tenancy.Grant{}).Scopes(tenancy.Live(tx.Now())).Distinct().Pluck("account_id", &held).Error
		if err != nil {
			return err
		}
		return tx.Across("one delegation to a firm, as far as it may know", func(tx *store.Tx) error {
			grants, err := firmGrants(tx, company, id)
			if err != nil {
				return err
			}
			if len(grants) == 0 {
				return models.Unknown()
			}
			one = grants[0]
			known, err := account.LoadAll(tx, held)
			people = candidates(one, known, query)
			return err
		})
	})
	return one, people, err
}

func candidates(g FirmGrant, known map[string]account.Person, query string) (people []Candidate) {
	query = strings.ToLower(strings.TrimSpace(query))
	for _, p := range known {
		if p.Service || p.DeactivatedAt != nil || !p.Proven || p.HomeCompanyID == nil || *p.HomeCompanyID != g.FirmCompanyID ||
			!strings.Contains(strings.ToLower(p.Name+"\n"+p.Email), query) {
			continue
		}
		people = append(people, Candidate{Person: p, Vetoed: slices.Contains(g.Vetoed, p.ID),
			Named: slices.ContainsFunc(g.People, func(e Engagement) bool { return e.Account == p.ID })})
	}
	slices.SortFunc(people, func(a, b Candidate) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return people[:min(len(people), mostCandidates)]
}
