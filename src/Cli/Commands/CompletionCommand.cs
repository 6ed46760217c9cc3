using System.CommandLine;
using Lockstep.Cli.Terminal;

namespace Lockstep.Cli.Commands;

/// <summary><c>completion</c>: the script by which a shell completes command lines of this program.</summary>
internal sealed class CompletionCommand : CliCommand
{
    // Each script asks this program: [suggest:POSITION] is System.CommandLine's own directive.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _lockstep() {
              local IFS=$'\n'
              local words=$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
              COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _lockstep lockstep
            """,
        ["zsh"] = """
            #compdef lockstep
            _lockstep() {
              local -a found
              found=("${(@f)$("${words[1]}" "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
              [[ -n ${found[1]} ]] && compadd -- "${found[@]}" || _files
            }
            compdef _lockstep lockstep
            """,
        ["fish"] = """
            function __lockstep_complete
              set -l line (commandline -cp)
              lockstep "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c lockstep -a '(__lockstep_complete)'
            """,
        ["powershell"] = """
            Register-ArgumentCompleter -Native -CommandName lockstep -ScriptBlock {
              param($word, $line, $position)
              lockstep "[suggest:$position]" "$line" 2>$null | Where-Object { $_ -like "$word*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    private readonly Argument<string> _shell;

    public CompletionCommand()
        : base("completion", "A script by which your shell completes commands and options")
    {
        _shell = TakeArgument("SHELL", $"One of {string.Join(", ", Scripts.Keys)}.");
        _shell.CompletionSources.Add([.. Scripts.Keys]);
    }

    public override string Heading => CommandHeading.Help;

    public override string Details => "Prints a script for a shell. With it, the Tab key completes commands, options and their values.";

    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lockstep completion bash", "in ~/.bashrc: source <(lockstep completion bash)"),
        ("lockstep completion zsh", "in ~/.zshrc: source <(lockstep completion zsh)"),
        ("lockstep completion fish", "in config.fish: lockstep completion fish | source"),
        ("lockstep completion powershell", "in $PROFILE: lockstep completion powershell | Out-String | Invoke-Expression"),
    ];

    public override Task<int> RunAsync(Invocation invocation)
    {
        string shell = invocation.Get(_shell);
        if (!Scripts.TryGetValue(shell, out string? script))
            throw new RequestException($"'{shell}' is not a shell that is known here; expected one of {string.Join(", ", Scripts.Keys)}.");
        invocation.Io.Out.WriteLine(script);
        return Task.FromResult(ExitCode.Done);
    }
}
