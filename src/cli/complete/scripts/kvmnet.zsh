#compdef kvmnet
# Completion of kvmnet in zsh, 5.0.2 or newer. The program itself tells what may stand under the cursor: a name, a tab, and how it
# is listed, a line each. Nothing of it is evaluated, and zsh quotes it.
_kvmnet() {
  local program=${(Q)words[1]} before after
  local -a lines names shown expl
  local -i lead at
  # a program that was typed with its path completes its own line
  [[ $program != '~/'* ]] || program=$HOME/${program[3,-1]}
  [[ $program == */* && -f $program && -x $program ]] || program=kvmnet
  before="${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX"
  after="$SUFFIX$ISUFFIX$QISUFFIX ${(j: :)words[CURRENT+1,-1]}"
  lines=("${(@f)$(command $program __complete zsh '' "$before" "$after" 2>/dev/null </dev/null)}")
  lead=${lines[1]##* }
  (( lead -= ${#QIPREFIX} + ${#IPREFIX} ))
  (( lead <= 0 )) || compset -p $lead
  case ${lines[1]} in
    files*) _files; return ;;
    folders*) _files -/; return ;;
  esac
  (( $#lines > 1 )) || return 1
  names=("${(@)lines[2,-1]%%$'\t'*}")
  shown=("${(@)lines[2,-1]#*$'\t'}")
  if (( ${#${(M)names:#*[/=]}} )); then
    # behind these more follows at once
    local -a open opened
    local -a whole wholly
    for at in {1..$#names}; do
      if [[ $names[at] == *[/=] ]]; then
        open+=("$names[at]") opened+=("$shown[at]")
      else
        whole+=("$names[at]") wholly+=("$shown[at]")
      fi
    done
    (( ! $#open )) || _wanted names expl name compadd -S '' -d opened -a open
    (( ! $#whole )) || _wanted names expl name compadd -d wholly -a whole
  elif [[ "${(pj:\n:)names}" == "${(pj:\n:)shown}" ]]; then
    _wanted names expl name compadd -a names
  else
    _wanted names expl name compadd -l -d shown -a names
  fi
}
if [[ $funcstack[1] == _kvmnet ]]; then
  _kvmnet "$@"
else
  compdef _kvmnet kvmnet
fi
