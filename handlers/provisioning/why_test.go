package provisioning

import (
	"net/http"
	"net/url"
	"testing"

	"locum/models/tenancy"
)

func TestWhySomebodyHasARoleOrNot(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	h.comesIn("Anna Visser", "Planning-Editors")
	path := "/company/people/" + h.people["Anna Visser"].ID + "/why"
	choice := func(organization, application, role string) string {
		return path + "?role=" + url.QueryEscape(organization+"|"+application+"|"+role)
	}
	marieke := h.As("marieke")
	h.As("jan").Get(path).Wants(http.StatusForbidden)
	marieke.Get("/company/people/" + h.ID("karin") + "/why").Wants(http.StatusNotFound)
	marieke.Get(choice("", "", "rol_none")).Wants(http.StatusNotFound)
	marieke.Get(path).Says("Anna Visser", "Choose a role")
	marieke.Get(choice(saved.Target.Organization, saved.Target.Application, saved.Role)).Says("Anna Visser has the role", saved.Name, "Planning-Editors")
	marieke.Get(choice("", "", tenancy.Manager)).Says("Anna Visser does not have the role Manager", "No connector gives this role there.")
}

func TestWhomAGroupConcerns(t *testing.T) {
	h := newHub(t)
	saved := h.saved("Planning-Editors")
	h.comesIn("Anna Visser", "Planning-Editors")
	h.As("jan").Get("/company/connectors/affected").Wants(http.StatusForbidden)
	marieke := h.As("marieke")
	marieke.Get("/company/connectors/affected").Says("Who is affected by a group")
	marieke.Get("/company/connectors/affected?group=planning-editors").Says("1 connector asks for it", saved.Name, "1 person is in it", "Anna Visser")
	none := marieke.Get("/company/connectors/affected?group=Strangers")
	none.Says("No connector mentions this group.", "Nobody is known to be in this group.")
	none.Hides("Anna Visser")
}
