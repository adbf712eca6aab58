package scim_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"locum/models/directory"
	"locum/models/tenancy"
)

func TestNothingComesOfAChangeThatChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		u := h.user("u1")
		g := h.group("Editors", u, "parked")
		versions := func() [2]any {
			return [2]any{h.wants(200, "GET", "/Users/"+u, "").at("meta", "version"), h.wants(200, "GET", "/Groups/"+g, "").at("meta", "version")}
		}
		before, were := h.total(), versions()
		whole := h.wants(200, "GET", "/Users/"+u, "").Text
		h.wants(200, "PUT", "/Users/"+u, whole)
		h.wants(200, "PUT", "/Groups/"+g, h.wants(200, "GET", "/Groups/"+g, "").Text)
		h.wants(200, "PATCH", "/Users/"+u, patch(`{"op":"Replace","path":"active","value":"True"}`, `{"op":"replace","path":"name.givenName","value":"u1"}`))
		h.wants(200, "PATCH", "/Users/"+u, patch(`{"op":"add","path":"emails","value":[{"value":"u1@devries.example","type":"work","primary":true}]}`))
		h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+values(u, "parked")+`}`))
		h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"replace","path":"members","value":`+values("parked", u)+`}`))
		h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members","value":`+values("dusr_nobody")+`}`, `{"op":"replace","path":"displayName","value":"Editors"}`))
		h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members","value":[]}`))
		if now := h.total(); now != before {
			t.Errorf("%d events came of nothing", now-before)
		}
		if now := versions(); now != were {
			t.Errorf("the versions are %v instead of %v", now, were)
		}
	})
}

func TestFiftyMemberOperationsInOnePatch(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		g := h.group("Editors")
		var want, operations []string
		for i := range 5 {
			want = append(want, h.user(fmt.Sprintf("p%d", i)))
		}
		for i := range 50 {
			op := []string{"add", "remove"}[i/5%2]
			operations = append(operations, fmt.Sprintf(`{"op":%q,"path":"members","value":%s}`, op, values(want[i%5])))
		}
		h.wants(204, "PATCH", "/Groups/"+g, patch(operations...))
		if got := h.members(g); got != nil {
			t.Errorf("the members are %q", got)
		}
		h.wants(204, "PATCH", "/Groups/"+g, patch(operations[:45]...))
		slices.Sort(want)
		if got := h.members(g); !slices.Equal(got, want) {
			t.Errorf("the members are %q", got)
		}
		h.holdsAre("p3@devries.example", "member/rule")
	})
}

func TestTenThousandOperationsAreTaken(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		operations := make([]string, directory.MaxOperations)
		for i := range operations {
			operations[i] = fmt.Sprintf(`{"op":"replace","path":"title","value":"%d"}`, i)
		}
		before := h.total()
		if got := h.wants(200, "PATCH", "/Users/"+u, patch(operations...)); got.at("title") != "9999" {
			t.Errorf("the title is %v", got.at("title"))
		}
		if n := h.total() - before; n != 1 {
			t.Errorf("%d events", n)
		}
	})
}

func TestAllMembersAreRemovedWithoutNamingThemOnlyWhereThatIsAllowed(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		g := h.group("Editors", h.user("u1"), h.user("u2"))
		h.wants(400, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members"}`))
		h.wants(400, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members","value":null}`))
		h.must(h.directories.SetWipe(h.Ctx, h.Actor("marieke"), h.directory.ID, true))
		h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members"}`))
		if got := h.members(g); got != nil {
			t.Errorf("the members are %q", got)
		}
	})
}

func TestGroupsInThemselvesAndInRingsAndFarDown(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Ring 0", tenancy.Member)
		var ring []string
		for i := range 12 {
			ring = append(ring, h.group(fmt.Sprintf("Ring %d", i)))
		}
		for i, g := range ring { // each in the one before, and the first in the last
			h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+values(g, ring[(i+1)%len(ring)])+`}`))
		}
		bo := h.user("bo")
		h.wants(204, "PATCH", "/Groups/"+ring[11], patch(`{"op":"add","path":"members","value":`+values(bo)+`}`))
		h.holdsAre("bo@devries.example", "member/rule")
		// A group in the middle goes: he is in the first no more.
		h.wants(204, "DELETE", "/Groups/"+ring[5], "")
		h.holdsAre("bo@devries.example")
		if got := h.members(ring[4]); slices.Contains(got, ring[5]) {
			t.Errorf("a group that is gone is still a member: %q", got)
		}
	})
}

func TestAParkedMemberIsFoundByWhateverHeIsCalled(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		g := h.group("Editors", "ext-bo", "cas@devries.example", "Inner group")
		bo, cas := h.user("bo"), h.user("cas")
		inner := h.wants(201, "POST", "/Groups", `{"displayName":"Inner","externalId":"Inner group"}`).id()
		want := []string{bo, cas, inner}
		slices.Sort(want)
		if got := h.members(g); !slices.Equal(got, want) {
			t.Errorf("the members are %q instead of %q", got, want)
		}
	})
}

// Who arrives while he is being parked is attached all the same.
func TestPeopleWhoArriveWhileTheyAreAddedAreAttached(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		g := h.group("Editors")
		var all sync.WaitGroup
		codes := make([]int, 16)
		for i := range 8 {
			name := fmt.Sprintf("p%d", i)
			all.Go(func() {
				codes[i] = h.send("PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+values("ext-"+name)+`}`)).Code
			})
			all.Go(func() {
				codes[8+i] = h.send("POST", "/Users", `{"userName":"`+name+`@devries.example","externalId":"ext-`+name+`"}`).Code
			})
		}
		all.Wait()
		for i, code := range codes {
			if code != []int{204, 201}[i/8] {
				t.Errorf("request %d was answered %d", i, code)
			}
		}
		for _, id := range h.members(g) {
			if !strings.HasPrefix(id, "dusr_") {
				t.Errorf("%s is still parked", id)
			}
		}
		for i := range 8 {
			h.holdsAre(fmt.Sprintf("p%d@devries.example", i), "member/rule")
		}
	})
}

// A user who is deleted while he is added to a group is in none afterwards.
func TestConcurrentDeletionsLeaveNobodyBehind(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		g := h.group("Editors")
		var people []string
		for i := range 4 {
			people = append(people, h.user(fmt.Sprintf("p%d", i)))
		}
		var all sync.WaitGroup
		for _, id := range people {
			all.Go(func() {
				h.send("PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+values(id)+`}`))
			})
			all.Go(func() { h.send("DELETE", "/Users/"+id, "") })
		}
		all.Wait()
		for i, id := range people {
			h.wants(404, "GET", "/Users/"+id, "")
			h.holdsAre(fmt.Sprintf("p%d@devries.example", i))
		}
	})
}

func TestSomebodyDeletedCanComeBack(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.rule("Editors", tenancy.Member)
		first := h.user("bo")
		g := h.group("Editors", first)
		h.wants(204, "DELETE", "/Users/"+first, "")
		h.holdsAre("bo@devries.example")
		again := h.user("bo")
		if again == first {
			t.Error("an id was given twice")
		}
		h.holdsAre("bo@devries.example") // in no group so far
		h.wants(204, "PATCH", "/Groups/"+g, patch(`{"op":"add","path":"members","value":`+values(again)+`}`))
		h.holdsAre("bo@devries.example", "member/rule")
		h.wants(404, "GET", "/Users/"+first, "")
	})
}

func TestStaleVersionsChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		g := h.group("Editors", u)
		before := h.total()
		for _, c := range [][3]string{{"PUT", "/Users/" + u, `{"userName":"x"}`}, {"PATCH", "/Groups/" + g, patch(`{"op":"remove","path":"members","value":` + values(u) + `}`)},
			{"PUT", "/Groups/" + g, `{"displayName":"x","members":[]}`}, {"DELETE", "/Users/" + u, ""}, {"DELETE", "/Groups/" + g, ""}} {
			h.wants(412, c[0], c[1], c[2], "If-Match", `W/"0"`)
		}
		if now := h.total(); now != before || !slices.Equal(h.members(g), []string{u}) {
			t.Errorf("%d events; the members are %q", now-before, h.members(g))
		}
		h.wants(204, "DELETE", "/Groups/"+g, "", "If-Match", `W/"0", W/"1"`)
		h.wants(204, "DELETE", "/Users/"+u, "", "If-Match", "*")
	})
}

func TestAUserNameThatIsTakenIsRefusedInEveryWay(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		h.user("u1")
		u := h.user("u2")
		before := h.total()
		h.wants(409, "PUT", "/Users/"+u, `{"userName":"U1@devries.example"}`)
		h.wants(409, "PATCH", "/Users/"+u, patch(`{"op":"add","path":"title","value":"x"}`, `{"op":"replace","path":"userName","value":"u1@DEVRIES.example"}`))
		if got := h.wants(200, "GET", "/Users/"+u, ""); got.at("userName") != "u2@devries.example" || got.at("title") != nil || h.total() != before {
			t.Errorf("half of it was applied: %s", got.Text)
		}
	})
}

// Pages of any size show everybody once, whatever they are sorted by.
func TestPagesAreStable(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		for i := range 7 {
			h.user(fmt.Sprintf("p%d", i))
		}
		for _, by := range []string{"", "active", "meta.created", "name.familyName", "title", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"} {
			for _, order := range []string{"ascending", "descending"} {
				var seen []string
				for start := 1; start <= 7; start += 2 {
					q := fmt.Sprintf("/Users?startIndex=%d&count=2&sortOrder=%s&sortBy=%s", start, order, url.QueryEscape(by))
					list, _ := h.wants(200, "GET", q, "").at("Resources").([]any)
					for _, one := range list {
						seen = append(seen, one.(map[string]any)["id"].(string))
					}
				}
				n := len(seen)
				slices.Sort(seen)
				if n != 7 || len(slices.Compact(seen)) != 7 {
					t.Errorf("by %q %s: %d shown, %d of them once", by, order, n, len(slices.Compact(seen)))
				}
			}
		}
	})
}

func TestOnlyTheAttributesThatAreAskedForAreAnswered(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		for query, want := range map[string]string{
			"attributes=userName,name.givenName":          "id name schemas userName",
			"attributes=meta.version":                     "id meta schemas",
			"excludedAttributes=emails,meta,name,id":      "active externalId id schemas userName",
			"excludedAttributes=emails.type,meta,active":  "emails externalId id name schemas userName",
			"attributes=userName&excludedAttributes=name": "id schemas userName",
			"ATTRIBUTES=USERNAME":                         "id schemas userName",
		} {
			for _, path := range []string{"/Users/" + u + "?", "/Users?"} {
				got := h.wants(200, "GET", path+query, "")
				object := got.Body
				if list, is := got.at("Resources", 0).(map[string]any); is {
					object = list
				}
				var names []string
				for name := range object {
					names = append(names, name)
				}
				slices.Sort(names)
				if have := strings.Join(names, " "); have != want {
					t.Errorf("%s%s: %s instead of %s", path, query, have, want)
				}
			}
		}
	})
}

func TestOddFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, h *hub) {
		u := h.user("u1")
		g := h.group("Editors", u)
		many := strings.TrimSuffix(strings.Repeat(`userName eq "x" or `, 250), " or ")
		for path, want := range map[string]int{
			"/Users?filter=" + url.QueryEscape(many):                                      400,
			"/Users?filter=" + url.QueryEscape(`userName eq "`+strings.Repeat("x", 9000)): 400,
			"/Users?filter=%ff": 400,
			"/Users?filter=%00": 400,
			"/Users?filter=" + url.QueryEscape(`userName eq "a\u0000"`): 400,
			"/Users?startIndex=-5&count=1":                              200,
			"/Users?startIndex=99999999999999999999&count=1":            200,
			"/Users?startIndex=x":                                       400,
			"/Users?count=-1":                                           200,
			"/Users?count=100000":                                       200,
			"/Users?sortBy=emails%5B":                                   400,
			"/Users/" + u + "?attributes=[":                             200,
			"/Users/%ff":                                                404,
			"/Users/%00":                                                404,
			"/Groups?filter=" + url.QueryEscape(`members[value eq "`+u+`"] and not (displayName co "x")`): 200,
			"/Groups?filter=" + url.QueryEscape(`members.value eq "`+u+`"`):                               200,
		} {
			h.wants(want, "GET", path, "")
		}
		h.wants(400, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members","value":[{"value":"a\u0000"}]}`))
		h.wants(400, "PATCH", "/Groups/"+g, patch(`{"op":"remove","path":"members[value eq \"a\\u0000\"]"}`))
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			h.wants(501, method, "/Me", map[bool]string{true: "{}"}[method[0] == 'P'])
		}
	})
}
