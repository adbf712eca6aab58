package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"locum/models"
	"locum/models/delegation"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/store"
	"locum/models/tenancy"
)

type console struct {
	Data []struct {
		Host   struct{ ID, Domain string }
		Grants []struct {
			ID    string
			Named []struct {
				Account string `json:"account_id"`
			}
		} `json:"firm_delegations"`
		People []struct {
			Account  string `json:"account_id"`
			Person   string
			EndsSoon bool `json:"ends_soon"`
		}
	}
	Next string
	More bool `json:"has_more"`
}

// toKade lets Kade Consultants name people at Zonneveld.
func (d desk) toKade() delegation.Firm {
	d.t.Helper()
	d.kadesDomain()
	f, err := d.Delegations.GrantFirm(d.Ctx, d.Actor("karin"), delegation.FirmProposal{Firm: "kade.example", People: 2, Period: delegation.Month, Reason: "Stock count"})
	if err != nil {
		d.t.Fatal(err)
	}
	return f
}

func TestAFirmSeesByTheAPIWhereItsPeopleWork(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		f := d.toKade()
		d.Delegate("jan", "thomas", delegation.Week)
		_, token := d.ofPerson("sanne", feed.ReadConsultants)
		var all console
		d.ask("/v1/consultants", token, http.StatusOK, &all)
		if len(all.Data) != 2 || all.More {
			t.Fatalf("%+v", all)
		}
		for _, c := range all.Data {
			switch c.Host.ID {
			case d.Zonneveld.Organization:
				if len(c.Grants) != 1 || c.Grants[0].ID != f.ID || len(c.People) != 0 {
					t.Errorf("%+v", c)
				}
			case d.Production.Organization:
				if len(c.People) != 1 || c.People[0].Person != "Thomas Bakker" || !c.People[0].EndsSoon || len(c.Grants) != 0 {
					t.Errorf("%+v", c)
				}
			}
		}
		var first, second console
		d.ask("/v1/consultants?limit=1", token, http.StatusOK, &first)
		d.ask("/v1/consultants?limit=1&after="+first.Next, token, http.StatusOK, &second)
		if !first.More || second.More || len(second.Data) != 1 || second.Data[0].Host.ID == first.Data[0].Host.ID {
			t.Errorf("in parts: %+v %+v", first, second)
		}
		_, other := d.ofPerson("marieke", feed.ReadConsultants)
		d.ask("/v1/consultants", other, http.StatusOK, &all)
		if len(all.Data) != 0 {
			t.Errorf("another company sees %+v", all)
		}
		d.ask("/v1/consultants/firm-delegations/"+f.ID, other, http.StatusNotFound, nil)
		d.ask("/v1/consultants/firm-delegations/"+f.ID+"/candidates", other, http.StatusNotFound, nil)
		d.ask("/v1/consultants/firm-delegations/fdl_1", token, http.StatusNotFound, nil)
	})
}

func TestAFirmNamesAndTakesBackPeopleByTheAPI(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		f := d.toKade()
		row, token := d.ofPerson("sanne", feed.WriteConsultants)
		_, reading := d.ofPerson("sanne", feed.ReadConsultants)
		_, other := d.ofPerson("marieke", feed.WriteConsultants)
		at := "/v1/consultants/firm-delegations/" + f.ID
		who := fmt.Sprintf(`{"account_id":%q}`, d.ID("thomas"))
		var people struct {
			Data []struct {
				Account       string `json:"account_id"`
				Named, Vetoed bool
			}
		}
		d.ask(at+"/candidates?q=THOM", reading, http.StatusOK, &people)
		if len(people.Data) != 1 || people.Data[0].Account != d.ID("thomas") || people.Data[0].Named {
			t.Errorf("%+v", people)
		}
		d.call(at+"/name", reading, who, http.StatusForbidden, nil)
		d.call(at+"/name", other, who, http.StatusNotFound, nil)
		d.call(at+"/name", token, fmt.Sprintf(`{"account_id":%q}`, d.ID("anna")), http.StatusNotFound, nil)
		d.call(at+"/unname", token, who, http.StatusNotFound, nil)
		var g struct {
			People int
			Named  []struct {
				Delegation string `json:"delegation_id"`
				Status     string
			}
		}
		d.call(at+"/name", token, who, http.StatusOK, &g, "Idempotency-Key", "in")
		again := d.call(at+"/name", token, who, http.StatusOK, &g, "Idempotency-Key", "in")
		if len(g.Named) != 1 || g.Named[0].Status != "invited" || g.People != 2 || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Fatalf("%+v", g)
		}
		d.call(at+"/name", token, who, http.StatusConflict, nil)
		// He accepts himself, by his own token.
		_, his := d.ofPerson("thomas", feed.WriteOwnDelegations)
		d.call("/v1/my-delegations/"+g.Named[0].Delegation+"/accept", token, "", http.StatusForbidden, nil)
		d.call("/v1/my-delegations/"+g.Named[0].Delegation+"/accept", his, "", http.StatusOK, nil)
		d.ask(at, reading, http.StatusOK, &g)
		if len(g.Named) != 1 || g.Named[0].Status == "invited" {
			t.Errorf("%+v", g)
		}
		d.call(at+"/unname", token, who, http.StatusOK, &g, "Idempotency-Key", "out")
		d.call(at+"/unname", token, who, http.StatusOK, &g, "Idempotency-Key", "out")
		if len(g.Named) != 0 {
			t.Errorf("%+v", g)
		}
		var e store.Event
		d.System(func(tx *store.Tx) error { return tx.Where("type = ?", event.FirmUnnamed).Take(&e).Error })
		if e.AccountID != d.ID("sanne") || e.SessionID != row.ID || e.Channel != string(models.API) {
			t.Errorf("%+v", e)
		}
	})
}

// The console is for who manages people there, at the moment of use.
func TestTheConsoleEndsWithTheRoleOfItsManager(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		f := d.toKade()
		_, token := d.ofPerson("sanne", feed.WriteConsultants)
		d.ask("/v1/consultants", token, http.StatusOK, nil)
		d.System(func(tx *store.Tx) error {
			return tx.Where("account_id = ? AND role_id = ?", d.ID("sanne"), tenancy.Manager).Delete(&tenancy.Grant{}).Error
		})
		d.ask("/v1/consultants", token, http.StatusForbidden, nil)
		d.call("/v1/consultants/firm-delegations/"+f.ID+"/name", token, fmt.Sprintf(`{"account_id":%q}`, d.ID("thomas")), http.StatusForbidden, nil)
		_, plain := d.ofPerson("thomas", feed.ReadOwnDelegations)
		d.ask("/v1/consultants", plain, http.StatusForbidden, nil)
	})
}
