import re
from collections import Counter

from dashboard.components import film, network, save_chart
from dashboard.components.loader import Component


def test_files_that_make_one_script_do_not_use_a_name_twice():
    components = [value for module in (film, network, save_chart) for value in vars(module).values()]
    scripts = [component._script for component in components if isinstance(component, Component)]
    assert len(scripts) == 3
    for script in scripts:
        names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", script, re.MULTILINE)
        assert len(names) > 3
        assert [name for name, n in Counter(names).items() if n > 1] == []
        assert script.count("export default") == 1


def test_a_component_holds_another_with_its_looks():
    assert '<div class="network">' in film._component._html
    assert "{network}" not in film._component._html
    assert "{player}" not in film._component._html
    assert ".detail canvas" in film._component._css
