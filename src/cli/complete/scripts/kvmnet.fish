# Completion of kvmnet in fish, 2.3 or newer. The program itself tells what may stand under the cursor: a word, a tab and help, a
# line each. Nothing of it is evaluated, and fish quotes it.
function __kvmnet_complete
    set -l before (commandline -pc)
    set -l all (commandline -p)
    set -l after (string sub -s (math (string length -- "$before") + 1) -- "$all")
    set -l program kvmnet
    # a program that was typed with its path completes its own line
    for word in (commandline -poc)
        string match -q -- '*=*' $word; and continue
        set -l path (string replace -r -- '^~/' "$HOME/" $word)
        if string match -q -- '*/*' $path; and test -f $path -a -x $path
            set program $path
        end
        break
    end
    env $program __complete fish '' "$before" "$after" 2>/dev/null </dev/null
end
complete -c kvmnet -f -a '(__kvmnet_complete)'
