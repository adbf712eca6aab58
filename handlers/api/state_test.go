package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"locum/models"
	"locum/models/directory"
	"locum/models/event"
	"locum/models/feed"
	"locum/models/store"
)

func TestTheStateHealsAConsumer(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		token := d.token("marieke", feed.ReadState, feed.ReadEvents)
		var people []feed.Person
		after, asOf := "", ""
		for {
			var s feed.State
			d.ask("/v1/state?limit=2&after="+url.QueryEscape(after), token, http.StatusOK, &s)
			people = append(people, s.People...)
			if asOf == "" {
				asOf = s.AsOf
			}
			if len(s.Organizations) != 2 || s.Company.Name != "De Vries Logistiek" || len(s.Roles) < 4 {
				t.Fatalf("%+v", s)
			}
			if after = s.Next; after == "" {
				break
			}
		}
		var names []string
		for _, p := range people {
			names = append(names, p.Name)
			if p.Email == "" || !p.Active || len(p.Roles) == 0 || p.Roles[0].RoleName == "" {
				t.Errorf("%+v", p)
			}
		}
		slices.Sort(names)
		if !slices.Equal(names, []string{"Anna Visser", "Jan-Willem Hoekstra", "Marieke de Vries"}) {
			t.Errorf("it holds %v", names)
		}
		d.record(d.Production.Company, event.RoleGranted)
		var p page
		d.ask("/v1/events?after="+asOf, token, http.StatusOK, &p)
		if len(p.Data) != 1 {
			t.Errorf("behind the snapshot are %+v", p.Data)
		}
	})
}

// What directories hold is a part of the state: everybody of them once, whatever the
// pages, with his groups and the person that he is; and nothing of another company.
func TestTheStateHoldsTheDirectoriesPeopleAndGroups(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		token := d.token("marieke", feed.ReadState)
		d.fillsDirectory(d.Production.Company, "a")
		d.fillsDirectory(d.Zonneveld.Company, "z")
		for _, limit := range []string{"1", "2", "3", "1000"} {
			var users []feed.DirectoryUser
			var groups []feed.DirectoryGroup
			people, after, pages := 0, "", 0
			for {
				var s feed.State
				d.ask("/v1/state?limit="+limit+"&after="+url.QueryEscape(after), token, http.StatusOK, &s)
				users, groups, people = append(users, s.DirectoryUsers...), append(groups, s.DirectoryGroups...), people+len(s.People)
				if after = s.Next; after == "" {
					break
				}
				if pages++; pages > 20 {
					t.Fatal("the pages never end")
				}
			}
			if people != 3 || len(users) != 2 || len(groups) != 2 || limit == "1000" && pages != 0 {
				t.Fatalf("by %s: %d people, %+v, %+v, %d further pages", limit, people, users, groups, pages)
			}
			if u := users[0]; u.ID != "dusr_a1" || u.ProviderID != "00a1" || u.PreferredUsername != "one" || !u.Active || u.PersonID != d.ID("anna") || !slices.Equal(u.GroupIDs, []string{"dgrp_a1"}) {
				t.Errorf("the first is %+v", u)
			}
			if g := groups[0]; g.ID != "dgrp_a1" || g.Name != "Bakers" || !slices.Equal(g.GroupIDs, []string{"dgrp_a2"}) || len(groups[1].GroupIDs) != 0 {
				t.Errorf("the groups are %+v", groups)
			}
		}
	})
}

// fillsDirectory gives a company a directory of two people, one that was deleted, and
// a group in another one.
func (d desk) fillsDirectory(company, key string) {
	now := models.At(d.Now())
	d.System(func(tx *store.Tx) error {
		dir := "dir_" + key
		rows := []any{
			&directory.Directory{CompanyID: company, ID: dir, Name: "People", Kind: "other", CreatedBy: "x", CreatedByName: "X", CreatedAt: now},
			&directory.User{CompanyID: company, ID: "dusr_" + key + "1", DirectoryID: dir, UserName: "one", UserNameKey: "one", ExternalID: "00" + key + "1", Active: true, Resource: "{}", AccountID: d.ID("anna"), CreatedAt: now, UpdatedAt: now},
			&directory.User{CompanyID: company, ID: "dusr_" + key + "2", DirectoryID: dir, UserName: "two", UserNameKey: "two", Resource: "{}", CreatedAt: now, UpdatedAt: now},
			&directory.User{CompanyID: company, ID: "dusr_" + key + "3", DirectoryID: dir, UserName: "three", UserNameKey: "three", Resource: "{}", CreatedAt: now, UpdatedAt: now, DeletedAt: &now},
			&directory.Group{CompanyID: company, ID: "dgrp_" + key + "1", DirectoryID: dir, DisplayName: "Bakers", DisplayNameKey: "bakers", Resource: "{}", Aliases: "[]", CreatedAt: now, UpdatedAt: now},
			&directory.Group{CompanyID: company, ID: "dgrp_" + key + "2", DirectoryID: dir, DisplayName: "All", DisplayNameKey: "all", Resource: "{}", Aliases: "[]", CreatedAt: now, UpdatedAt: now},
			&directory.Member{CompanyID: company, GroupID: "dgrp_" + key + "1", MemberID: "dusr_" + key + "1", DirectoryID: dir, Kind: directory.UserMember, CreatedAt: now},
			&directory.Member{CompanyID: company, GroupID: "dgrp_" + key + "2", MemberID: "dgrp_" + key + "1", DirectoryID: dir, Kind: directory.GroupMember, CreatedAt: now},
		}
		for _, row := range rows {
			if err := tx.Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
