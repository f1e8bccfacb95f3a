# Completion of kvmnet in bash, 4.2 or newer. The program itself tells what may stand under the cursor: quoted as the word was
# begun, a line each. Nothing of it is evaluated.
_kvmnet() {
  local program=${COMP_WORDS[0]} lines
  COMPREPLY=()
  # a program that was typed with its path completes its own line
  # shellcheck disable=SC2088 # as it was typed
  [[ $program != '~/'* ]] || program=$HOME/${program:2}
  [[ $program == */* && -f $program && -x $program ]] || program=kvmnet
  mapfile -t lines < <(command "$program" __complete bash "$COMP_WORDBREAKS" \
    "${COMP_LINE:0:COMP_POINT}" "${COMP_LINE:COMP_POINT}" 2>/dev/null </dev/null)
  case ${lines[0]-} in
    files*) compopt -o default ;;
    folders*) compopt -o dirnames ;;
    names*)
      COMPREPLY=("${lines[@]:1}")
      if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace
      fi
      ;;
  esac
} 2>/dev/null
complete -F _kvmnet kvmnet
