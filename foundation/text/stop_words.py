"""Words that say nothing about an agent."""

STOP_WORDS = frozenset(
    # English: function words, and how people ask for things.
    """a about after again agent agents all also always am an and any anyone anything are as at
    be because been before being best both but by can cannot can could did do does doing don down
    each ever every everything for from get gets getting give good great had has have having help
    helps helping her here him his how i if im in into is it its just let like looking love make
    makes me more most much my myself need needs never no nobody not nothing of off often on one
    only or other our out over own per please really s should so some somebody someone something
    still such than that the their them then there these they thing things this those through to
    too tool tools under until up us use using very want wants was way we well were what when
    where whether which while who whom why will with without would yet you your
    app bot assistant ai
    """.split()  # noqa: SIM905
    # German.
    + """aber alle als am an auf aus bei beim bin bis da damit dann das dein deine dem den der des
    dich die dir doch ein eine einem einen einer eines er es fur gegen hat hilfe hilf ich ihr im in
    ist ja kann kein keine konnen man mein meine meinem meinen meiner mich mir mit mochte nach nicht
    noch nur ob oder ohne sein sich sie sind so soll uber um und uns unser vom von vor wann warum
    was wenn wer werden wie will wir wird wo wurde zu zum zur""".split()  # noqa: SIM905
    # Spanish, French, Italian and Portuguese.
    + """al algo ayuda como con cual de del desde donde el ella en es esta este esto hacer hay la
    las lo los mas me mi mis muy necesito no nos o para pero por porque puedo que quiero se ser si
    sin sobre su sus tengo un una uno y yo
    au aux avec ce ces dans des du elle est et il ils je les leur ma mes mon ne nous ou par pas pour
    quel qui sa ses son sur ta te tes toi ton tu une vos votre vous veux
    che chi da dal della di gli ho il io le mio nel non per piu voglio
    ao com dos eu meu minha na nao nas os pra quero uma""".split()  # noqa: SIM905
)
