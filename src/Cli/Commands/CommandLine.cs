using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Lockstep.Cli.Options;
using Lockstep.Data;
using Lockstep.Data.Raw.Pictures;
using Lockstep.Model.Text;
using Lockstep.Wording;

namespace Lockstep.Cli.Commands;

/// <summary>
/// The command line of all commands. System.CommandLine parses and types it and completes it for shells; what is wrong with it is said
/// here, all at once and in the words of the options.
/// </summary>
internal static class CommandLine
{
    private static readonly ParserConfiguration Parser = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    private static readonly HelpOption Help = new("--help", "-h") { Recursive = true };
    private static readonly VersionOption Version = new();
    private static readonly SuggestDirective Suggest = new();
    private static readonly RootCommand Root = MakeRoot();
    private static readonly ICliOption[] AllOptions =
        [.. CommandTable.All.SelectMany(command => command.CliOptions).Select(entry => entry.Option).Distinct()];

    /// <summary>What the user asked for.</summary>
    /// <param name="Command">The command; null for the help of several.</param>
    /// <param name="Path">Words of the command given, such as <c>data</c>.</param>
    /// <param name="IsHelp">Whether help was asked for.</param>
    /// <param name="IsVersion">Whether the version was asked for.</param>
    /// <param name="Parsed">The command line.</param>
    /// <param name="Given">Options given on it.</param>
    /// <param name="Options">Options of the command, among all.</param>
    public sealed record Request(
        CliCommand? Command, string Path, bool IsHelp, bool IsVersion, ParseResult Parsed, IReadOnlyList<Setting> Given, OptionSet Options)
    {
        /// <summary>Whether a shell asks for completions; then invoking <see cref="Parsed"/> prints them.</summary>
        public bool IsCompletion => Parsed.GetResult(Suggest) is not null;
    }

    /// <summary>Reads a command line; every mistake in it goes to <paramref name="problems"/>.</summary>
    public static Request Parse(string[] args, Problems problems)
    {
        ParseResult result = CommandLineParser.Parse(Root, args, Parser);
        Command called = result.CommandResult.Command;
        var command = called as CliCommand;
        var given = new List<Setting>();
        bool isHelp = result.GetResult(Help) is { Implicit: false };
        bool isVersion = result.GetResult(Version) is { Implicit: false };
        if (!isHelp && !isVersion && result.GetResult(Suggest) is null)
        {
            if (command is not null)
                given.AddRange(ReadOptions(command, result, problems));
            CheckWords(command, called, result, problems);
        }

        string path = command?.FullName ?? (called == Root ? "" : called.Name);
        var options = new OptionSet([.. command?.CliOptions.Select(entry => entry.Option) ?? []], AllOptions);
        return new Request(command, path, isHelp || (command is null && !isVersion), isVersion, result, given, options);
    }

    private static RootCommand MakeRoot()
    {
        var root = new RootCommand("Trains neural networks across processes and machines.");
        root.Options.Clear();
        root.Directives.Clear();
        root.Add(Suggest);
        root.Add(Help);
        root.Add(Version);
        foreach (CliCommand command in CommandTable.All)
        {
            command.TreatUnmatchedTokensAsErrors = false;
            GroupOf(root, command.FullName).Add(command);
        }

        return root;
    }

    /// <summary>
    /// The command that has a command as its subcommand, such as <c>data</c> for <c>data fetch</c>; made where it is not there.
    /// </summary>
    private static Command GroupOf(RootCommand root, string path)
    {
        Command parent = root;
        foreach (string word in path.Split(' ')[..^1])
        {
            Command? group = parent.Subcommands.FirstOrDefault(child => child.Name == word);
            if (group is null)
                parent.Add(group = new Command(word) { TreatUnmatchedTokensAsErrors = false });
            parent = group;
        }

        return parent;
    }

    private static IEnumerable<Setting> ReadOptions(CliCommand command, ParseResult result, Problems problems)
    {
        foreach ((_, ICliOption option) in command.CliOptions)
        {
            if (result.GetResult(option.Symbol) is not { Implicit: false } given)
                continue;
            string[] texts = given.Tokens.Count == 0 && option.IsFlag ? ["true"] : [.. given.Tokens.Select(token => token.Value)];
            var setting = new Setting(option, texts, SettingSource.CommandLine);
            string? mistake = result.Errors.FirstOrDefault(
                error => error.SymbolResult == given || error.SymbolResult?.Parent == given)?.Message;
            if (given.IdentifierTokenCount > 1 && !option.IsList)
                problems.Add($"{option.Name} is given {given.IdentifierTokenCount} times; give it once.");
            else if (texts.Length == 0)
                problems.Add($"{option.Name} needs a value: {option.Legal}.");
            else if (texts[0].StartsWith("--", StringComparison.Ordinal))
                problems.Add($"{option.Name} needs a value, but is followed by {texts[0]}; expected {option.Legal}.");
            else if (mistake is not null && option.IsFlag)
                problems.Add(AfterFlag(option.Name, setting.Text));
            else if (mistake is not null)
                problems.Add(option.Mistake(setting.Given, mistake));
            else
                setting = setting with { Value = given.GetValueOrDefault<object>() };
            // An option with a wrong value counts as given: the environment does not replace it.
            yield return setting;
        }
    }

    private static void CheckWords(CliCommand? command, Command called, ParseResult result, Problems problems)
    {
        ArgumentResult[] arguments = [.. result.CommandResult.Children.OfType<ArgumentResult>()];
        string[] values = [.. arguments.SelectMany(argument => argument.Tokens).Select(token => token.Value)];
        string[] afterDashes =
            [.. result.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value)];
        // An unknown option may have been taken for an argument.
        string[] unknown = [.. values.Concat(result.UnmatchedTokens).Where(token => token is ['-', _, ..]).Except(afterDashes)];
        foreach (string token in unknown)
            problems.Add(UnknownOption(command, token));
        // Words beside an unknown option are probably its value.
        if (unknown.Length > 0)
            return;
        foreach (string word in result.UnmatchedTokens)
            problems.Add(command is null
                ? UnknownCommand(called is RootCommand ? word : $"{called.Name} {word}")
                : UnexpectedWord(command, word, result.Tokens));
        if (command is null || result.UnmatchedTokens.Count > 0)
            return;
        foreach (Argument argument in command.Arguments)
        {
            ArgumentResult? given = arguments.FirstOrDefault(result => result.Argument == argument);
            int count = given?.Tokens.Count(token => !string.IsNullOrWhiteSpace(token.Value)) ?? 0;
            if (count < argument.Arity.MinimumNumberOfValues)
                problems.Add($"{(count == 0 ? "" : "Another ")}{argument.Name} is missing; {Usage(command)} {argument.Description}");
            else if (result.Errors.FirstOrDefault(error => count > 0 && error.SymbolResult == given) is { } mistake)
                problems.Add(mistake.Message);
        }
    }

    private static string AfterFlag(string flag, string word) =>
        $"{flag} {word}: {flag} is given alone; only true or false may follow it.";

    private static string UnexpectedWord(CliCommand command, string word, IReadOnlyList<Token> tokens)
    {
        // Other options have taken the word behind them as their value.
        if (tokens.Zip(tokens.Skip(1)).FirstOrDefault(pair => pair.Second.Value == word).First is { Type: TokenType.Option } flag)
            return AfterFlag(flag.Value, word);
        ICliOption? meant = new ICliOption[] { PredictOptions.Images, PredictOptions.Rows, DataOptions.Dataset }
            .FirstOrDefault(option => command.CliOptions.Any(entry => entry.Option == option) && MayBeValue(option, word));
        return $"'{word}' is not expected here; "
            + (meant is null ? Usage(command) : $"did you mean {meant.Name} {ShellWord.OfPath(word)}?");
    }

    private static bool MayBeValue(ICliOption option, string word) =>
        option == DataOptions.Dataset && DatasetCatalog.Names.Contains(word)
        || (option == PredictOptions.Images ? File.Exists(word) && PictureFile.LooksLikePicture(word) : Path.Exists(word));

    private static string UnknownOption(CliCommand? command, string token)
    {
        if (Path.Exists(token))
            return $"{token} is taken for an option, as it begins with a dash; for the file of that name, write {ShellWord.OfPath(token)}.";
        string given = token.Split('=', ':')[0], name = given.Replace('_', '-');
        if (command is null)
        {
            return $"{given} is not an option here; options follow a command, as in 'lockstep train {Nearest(name, AllOptions) ?? name}'.";
        }

        ICliOption[] own = [.. command.CliOptions.Select(entry => entry.Option)];
        string unknown = $"{given} is not an option of {command.FullName}";
        if (own.FirstOrDefault(option => option.HasKey(name)) is { } spelt)
            return $"{unknown}; did you mean {spelt.Name}?";
        if (own.FirstOrDefault(option => option.IsCalledElsewhere(name)) is { } meant)
            return $"{unknown}; did you mean {meant.Name}?";
        if (CommandsWith(option => option.Name == name) is { Length: > 0 } others)
            return $"{unknown}, but of {others}.";
        bool isBeginning = own.Any(option => option.Name.StartsWith(name, StringComparison.Ordinal));
        return OptionsElsewhere.Instead(name) is { } instead ? $"{unknown}. {instead}"
            : !isBeginning && AllOptions.FirstOrDefault(option => option.IsCalledElsewhere(name)) is { } elsewhere
                ? $"{unknown}; did you mean {elsewhere.Name} of {CommandsWith(option => option == elsewhere)}?"
            : Nearest(name, own) is { } near ? $"{unknown}; did you mean {near}?"
            : $"{unknown}.";
    }

    private static string CommandsWith(Predicate<ICliOption> isWanted) => string.Join(
        " and ",
        CommandTable.All.Where(command => command.CliOptions.Any(entry => isWanted(entry.Option))).Select(command => command.FullName));

    /// <summary>The option that a name was meant to be: what other trainers call so, else the nearest in spelling; null for none.</summary>
    private static string? Nearest(string name, IEnumerable<ICliOption> options) =>
        options.FirstOrDefault(option => option.IsCalledElsewhere(name))?.Name
            ?? Spelling.Nearest(name, options.Select(option => option.Name).Append("--help"));

    /// <summary>Says that there is no such command, and which one may be meant.</summary>
    public static string UnknownCommand(string path)
    {
        string? near = Spelling.Nearest(path, CommandTable.All.Select(command => command.FullName));
        return $"'{path}' is not a command"
            + (near is null ? "; the commands are " : $"; did you mean '{near}'? The commands are ")
            + string.Join(", ", CommandTable.All.Select(command => command.FullName)) + ".";
    }

    private static string Usage(CliCommand command) => $"the usage is 'lockstep {command.FullName}{command.ArgumentUsage} [options]'.";
}
