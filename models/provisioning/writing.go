package provisioning

import (
	"encoding/json"
	"maps"
	"slices"

	"gorm.io/gorm/clause"

	"locum/models"
	"locum/models/event"
	"locum/models/mail"
	"locum/models/store"
	"locum/models/tenancy"
)

// writing gathers what evaluations change in the grants of people of one
// company, and writes it in as few statements as can be.
type writing struct {
	company string
	run     string // that it belongs to; empty for a sign-in

	give, take, refresh []tenancy.Grant
	given, taken        []named
	held                []held
	came, left          map[string][]string // by organization, accounts: for their homes
}

// named is a grant with its person's name, for the event.
type named struct {
	tenancy.Grant
	name string
}

// held is a role that the rules would take, and that stays.
type held struct {
	Applied
	grant tenancy.Grant
}

// add takes up what changes for one person. A role that only changes its source
// leaves no event: nobody gained or lost anything.
func (w *writing) add(done Applied, plan Plan) {
	lost, gained := slices.Clone(done.Lost), slices.Clone(done.Gained)
	for _, g := range plan.Take {
		w.take = append(w.take, g)
		if once(&lost, changeOf(g)) {
			w.taken = append(w.taken, named{g, done.Person.Name})
		}
	}
	for _, g := range plan.Give {
		g.CompanyID, g.AccountID = w.company, done.Person.ID
		w.give = append(w.give, g)
		if once(&gained, changeOf(g)) {
			w.given = append(w.given, named{g, done.Person.Name})
		}
	}
	w.refresh = append(w.refresh, plan.Refresh...)
	for _, role := range done.Held {
		if at := slices.IndexFunc(plan.stay, func(g tenancy.Grant) bool { return changeOf(g) == role }); at >= 0 {
			w.held = append(w.held, held{done, plan.stay[at]})
		}
	}
	w.move(done, plan)
}

// once says whether a role is still in a list, and takes it out.
func once(list *[]Change, role Change) bool {
	at := slices.Index(*list, role)
	if at >= 0 {
		*list = slices.Delete(*list, at, at+1)
	}
	return at >= 0
}

// move notes who may need a home, with his first organization, and who may need
// another one, when he lost the last role at his.
func (w *writing) move(done Applied, plan Plan) {
	if w.came == nil {
		w.came, w.left = map[string][]string{}, map[string][]string{}
	}
	inOrganization := func(c Change) bool { return c.Target.Level == models.OrganizationLevel }
	for _, c := range done.Lost {
		inside := func(g tenancy.Grant) bool { return g.OrganizationID == c.Target.Organization }
		if inOrganization(c) && !slices.ContainsFunc(plan.after(), inside) {
			w.left[c.Target.Organization] = append(w.left[c.Target.Organization], done.Person.ID)
		}
	}
	if at := slices.IndexFunc(done.Gained, inOrganization); at >= 0 {
		organization := done.Gained[at].Target.Organization
		w.came[organization] = append(w.came[organization], done.Person.ID)
	}
}

// write carries out what was gathered.
func (w *writing) write(tx *store.Tx) error {
	if err := w.keepTaken(tx); err != nil {
		return err
	}
	if err := tenancy.RemoveGrants(tx, w.company, w.take); err != nil {
		return err
	}
	if err := tenancy.InsertGrants(tx, w.company, w.give); err != nil {
		return err
	}
	for _, g := range w.taken {
		tenancy.RecordTaken(tx, g.Grant, g.name)
	}
	for _, g := range w.given {
		tenancy.RecordGiven(tx, g.Grant, g.name)
	}
	if err := w.tellHeld(tx); err != nil {
		return err
	}
	if len(w.refresh)+len(w.came)+len(w.left) == 0 {
		return nil
	}
	return tx.Across("newer evidence, and homes that follow memberships", func(tx *store.Tx) error {
		if err := w.renew(tx); err != nil {
			return err
		}
		return w.rehome(tx)
	})
}

// renew writes the newer evidence of roles that stay.
func (w *writing) renew(tx *store.Tx) error {
	if len(w.refresh) == 0 {
		return nil
	}
	// Each row stands, since the people's organizations are locked.
	newer := clause.OnConflict{Columns: []clause.Column{{Name: "company_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"source_version", "evidence"})}
	return tx.Clauses(newer).CreateInBatches(&w.refresh, tx.RowsAtOnce(tenancy.GrantColumns)).Error
}

func (w *writing) rehome(tx *store.Tx) error {
	for _, organization := range slices.Sorted(maps.Keys(w.left)) {
		if err := tenancy.RehomeAll(tx, organization, w.left[organization]); err != nil {
			return err
		}
	}
	for _, organization := range slices.Sorted(maps.Keys(w.came)) {
		if err := tenancy.SetHomes(tx, w.company, organization, w.came[organization]); err != nil {
			return err
		}
	}
	return nil
}

// takenGrant is a role that no rule gave and that a run took, for undoing it.
type takenGrant struct {
	CompanyID string `gorm:"primaryKey"`
	RunID     string `gorm:"primaryKey"`
	ID        string `gorm:"primaryKey"` // that the grant had
	AccountID string
	Taken     string // JSON of the grant
}

// TableName is the table of roles that runs took.
func (takenGrant) TableName() string { return "taken_grants" }

// undoneWith is the run with which a role by hand comes back that a sign-in
// takes: the last publication, which made the rules what they are.
func (w *writing) undoneWith(tx *store.Tx) (string, error) {
	byHand := func(g tenancy.Grant) bool { return g.Source != tenancy.Rule && g.Source != tenancy.FromDefault }
	if !slices.ContainsFunc(w.take, byHand) {
		return "", nil
	}
	last, err := lastPublication(tx, w.company)
	if err != nil || last == nil {
		return "", err
	}
	return last.ID, nil
}

func (w *writing) keepTaken(tx *store.Tx) error {
	if w.run == "" {
		return nil
	}
	var rows []takenGrant
	for _, g := range w.take {
		if g.Source == tenancy.Rule || g.Source == tenancy.FromDefault {
			continue // undoing the run has the rules give it again
		}
		text, err := json.Marshal(g)
		if err != nil {
			return err
		}
		rows = append(rows, takenGrant{w.company, w.run, g.ID, g.AccountID, string(text)})
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.CreateInBatches(&rows, tx.RowsAtOnce(5)).Error
}

// tellHeld writes down which roles were held, and tells those who hold them,
// once for each.
func (w *writing) tellHeld(tx *store.Tx) error {
	if len(w.held) == 0 {
		return nil
	}
	for _, h := range w.held {
		tx.Record(event.ProfileResolved, store.About{ID: h.Person.ID, Name: h.Person.Name, Company: w.company, Organization: h.grant.OrganizationID,
			Data: map[string]any{"held": h.grant.RoleID}})
	}
	return tx.Across("mail to those whose role is held", func(tx *store.Tx) error {
		reg, err := tenancy.LoadRegistry(tx)
		if err != nil {
			return err
		}
		for _, h := range w.held {
			at, err := tenancy.PartyOf(tx, w.company, h.grant.OrganizationID)
			if err != nil {
				return err
			}
			err = mail.Queue(tx, mail.Draft{Company: w.company, Organization: h.grant.OrganizationID, Key: "held:" + h.grant.ID, To: h.Person.Recipient(),
				Content: mail.Held{Place: mail.PlaceOf(at), Role: reg.Roles[h.grant.RoleID].Name, Organization: h.grant.OrganizationID != "", At: models.At(tx.Now())}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}
