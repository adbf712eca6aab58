package provisioning_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"locum/models"
	"locum/models/event"
	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/store"
	"locum/models/tenancy"
)

// sizes are how many people are known in the companies of the benchmarks.
var sizes = []int{1_000, 10_000, 100_000}

// BenchmarkRun evaluates everyone known in a company that has 1,000 connectors,
// of which five match each person: first looking only (preview), then giving
// each a role, then taking it again. What is told is the time for one person.
// The reference writes the very rows of such a run, grants and events, by bare
// multi-row statements on the same database.
//
// Run it with -benchtime 1x: each size is one company.
func BenchmarkRun(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		for _, people := range sizes {
			b.Run(fmt.Sprintf("%s/%d", database, people), func(b *testing.B) {
				w := modelstest.New(b, database)
				f := firm{w, provisioning.NewConnectors(w.Store)}
				f.brake(provisioning.Loose)
				f.fill(b, people)
				for b.Loop() {
					f.measure(b, people)
				}
			})
		}
	}
}

// fill makes 1,000 connectors in two organizations, all of which but the last
// have had their run, and the people.
func (f firm) fill(b *testing.B, people int) {
	no(b, f.Store.Write(f.Ctx, f.Actor("marieke"), models.ManageConnectors, func(tx *store.Tx) error {
		for i := range 999 {
			at, group := f.Production, fmt.Sprintf("Team-%04d", i)
			if i%2 == 1 {
				at = f.Acceptance
			}
			c := f.rule(group, tenancy.Member, at)
			if i%3 == 0 {
				c.Condition = provisioning.Condition{All: []provisioning.Condition{{Attribute: "country", Operator: provisioning.Is, Value: "NL"}, c.Condition}}
			}
			if _, err := provisioning.Keep(tx, c, ""); err != nil {
				return err
			}
		}
		return nil
	}))
	f.System(func(tx *store.Tx) error {
		_, err := provisioning.Populate(tx, f.Production.Company, people, func(i int) []string {
			groups := []string{"All-Staff"}
			for n := range 4 {
				groups = append(groups, fmt.Sprintf("Team-%04d", (i*7+n*2)%998))
			}
			return groups
		})
		return err
	})
	f.analyze(b)
	// Everyone has what the rules give, and a run afterwards changes nothing.
	done, err := f.connectors.Everybody(f.Ctx, f.Actor("marieke"), provisioning.Publishing{})
	no(b, err)
	no(b, f.connectors.Advance(f.Ctx))
	if r := f.run(b, done.Run.ID); r.State != provisioning.RunDone || int(r.Gained) != people {
		b.Fatalf("%+v", r)
	}
	f.analyze(b)
}

// analyze lets PostgreSQL know how much there is, which its own round would do a
// minute later.
func (f firm) analyze(b *testing.B) {
	if f.Database != "postgres" {
		return
	}
	db, err := sql.Open("pgx", f.Address)
	no(b, err)
	defer db.Close()
	_, err = db.Exec("ANALYZE")
	no(b, err)
}

func (f firm) measure(b *testing.B, people int) {
	by, all := f.Actor("marieke"), anyway
	timed := func(name string, do func()) {
		began := time.Now()
		do()
		b.ReportMetric(float64(time.Since(began).Nanoseconds())/float64(people)/1e3, name+"-µs/person")
	}
	rule := provisioning.Connector{Name: "All", State: provisioning.On, Role: f.editor(b), Target: provisioning.Target{Level: models.OrganizationLevel, Organization: f.Production.Organization},
		Condition: provisioning.Condition{Attribute: provisioning.GroupAttribute, Operator: provisioning.Is, Value: "All-Staff"}}
	timed("preview", func() {
		seen, err := f.connectors.Preview(f.Ctx, by, rule)
		no(b, err)
		if seen.Gain != people {
			b.Fatalf("%d gain it", seen.Gain)
		}
	})
	var given provisioning.Published
	timed("nothing", func() {
		_, err := f.connectors.Everybody(f.Ctx, by, all)
		no(b, err)
		no(b, f.connectors.Advance(f.Ctx))
	})
	timed("give", func() {
		var err error
		given, err = f.connectors.Save(f.Ctx, by, rule, all)
		no(b, err)
		no(b, f.connectors.Advance(f.Ctx))
	})
	if r := f.run(b, given.Run.ID); int(r.Gained) != people || r.State != provisioning.RunDone {
		b.Fatalf("%+v", r)
	}
	f.reference(b, people, rule.Role, timed)
	timed("take", func() {
		taken, err := f.connectors.Delete(f.Ctx, by, given.Saved.ID, all)
		no(b, err)
		no(b, f.connectors.Advance(f.Ctx))
		if r := f.run(b, taken.Run.ID); int(r.Lost) != people {
			b.Fatalf("%+v", r)
		}
	})
}

func (f firm) editor(b *testing.B) string {
	var role tenancy.Role
	f.System(func(tx *store.Tx) error {
		role = tenancy.Role{ID: models.NewID("rol"), Level: models.OrganizationLevel, Key: models.NewID("k"), Name: "Editor", CreatedAt: models.At(tx.Now())}
		return tx.Create(&role).Error
	})
	return role.ID
}

// reference reads the rows that the run wrote, and writes them once more under
// other ids, 500 to a statement and a transaction.
func (f firm) reference(b *testing.B, people int, role string, timed func(string, func())) {
	var grants []tenancy.Grant
	var events []store.Event
	f.System(func(tx *store.Tx) error {
		if err := tx.Where("role_id = ?", role).Find(&grants).Error; err != nil {
			return err
		}
		return tx.Where("company_id = ? AND type = ?", f.Production.Company, event.RoleGranted).Order("position DESC").Limit(people).Find(&events).Error
	})
	if len(grants) != people || len(events) != people {
		b.Fatalf("%d grants and %d events", len(grants), len(events))
	}
	db, err := sql.Open(driver(f.Database), strings.TrimPrefix(f.Address, "sqlite:"))
	no(b, err)
	defer db.Close()
	if f.Database == "sqlite" {
		db.SetMaxOpenConns(1)
		for _, pragma := range []string{"journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(1)", "busy_timeout(10000)"} {
			name, value, _ := strings.Cut(strings.TrimSuffix(pragma, ")"), "(")
			_, err := db.Exec("PRAGMA " + name + "=" + value)
			no(b, err)
		}
	}
	timed("bare", func() {
		for start := 0; start < people; start += 500 {
			tx, err := db.Begin()
			no(b, err)
			if f.Database == "postgres" {
				_, err := tx.Exec("SET LOCAL ROLE locum_system")
				no(b, err)
			}
			end := min(people, start+500)
			bareInsert(b, tx, f.Database == "postgres", "grants", "company_id,id,account_id,organization_id,application_id,role_id,source,source_id,source_version,evidence,granted_by,created_at", end-start, func(i int) []any {
				g := grants[start+i]
				return []any{g.CompanyID, g.ID + "x", g.AccountID, g.OrganizationID, g.ApplicationID, g.RoleID, "rule", g.SourceID + "x", g.SourceVersion, g.Evidence, g.GrantedBy, g.CreatedAt}
			})
			bareInsert(b, tx, f.Database == "postgres", "events", "company_id,position,id,organization_id,type,occurred_at,account_id,account_name,real_company_id,real_organization_id,real_organization_name,real_hue,effective_organization_id,effective_organization_name,effective_hue,delegation_id,visit_id,session_id,application_id,channel,address,subject_id,subject_name,data", end-start, func(i int) []any {
				e := events[start+i]
				return []any{e.CompanyID, e.Position + 100_000_000, e.ID + "x", e.OrganizationID, e.Type, e.OccurredAt, e.AccountID, e.AccountName, e.RealCompanyID, e.RealOrganizationID, e.RealOrganizationName, e.RealHue,
					e.EffectiveOrganizationID, e.EffectiveOrganizationName, e.EffectiveHue, e.DelegationID, e.VisitID, e.SessionID, e.ApplicationID, e.Channel, e.Address, e.SubjectID, e.SubjectName, e.Data}
			})
			no(b, tx.Commit())
		}
	})
	f.System(func(tx *store.Tx) error {
		return tx.Where("role_id = ? AND source_id LIKE '%x'", role).Delete(&tenancy.Grant{}).Error
	})
}

func driver(database string) string {
	if database == "postgres" {
		return "pgx"
	}
	return "sqlite"
}

// bareInsert writes rows by statements as long as the driver takes well.
func bareInsert(b *testing.B, tx *sql.Tx, numbered bool, table, columns string, rows int, values func(i int) []any) {
	width := strings.Count(columns, ",") + 1
	most := rows
	if !numbered {
		most = 500 / width
	}
	for start := 0; start < rows; start += most {
		bareStatement(b, tx, numbered, "INSERT INTO "+table+" ("+columns+") VALUES ", width, min(most, rows-start), func(i int) []any { return values(start + i) })
	}
}

func bareStatement(b *testing.B, tx *sql.Tx, numbered bool, insert string, width, rows int, values func(i int) []any) {
	var text strings.Builder
	text.WriteString(insert)
	var all []any
	for i := range rows {
		marks := make([]string, width)
		for n := range marks {
			marks[n] = "?"
			if numbered {
				marks[n] = fmt.Sprintf("$%d", i*width+n+1)
			}
		}
		if i > 0 {
			text.WriteString(",")
		}
		text.WriteString("(" + strings.Join(marks, ",") + ")")
		all = append(all, values(i)...)
	}
	_, err := tx.Exec(text.String(), all...)
	no(b, err)
}
