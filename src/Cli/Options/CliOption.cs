using System.CommandLine;
using System.CommandLine.Parsing;

namespace Lockstep.Cli.Options;

/// <summary>An option whose value is a <typeparamref name="T"/>. Each command that has it adds the same instance.</summary>
internal sealed class CliOption<T> : Option<T>, ICliOption
    where T : notnull
{
    private readonly Func<IReadOnlyList<string>, T> _read;

    /// <summary>An option of one value.</summary>
    public CliOption(string name, ValueKind<T> kind)
        : this(name, kind.Legal, texts => kind.Parse(texts[^1]), isList: false, kind.Names)
    {
    }

    internal CliOption(string name, string legal, Func<IReadOnlyList<string>, T> read, bool isList, IReadOnlyList<string> names)
        : base(name)
    {
        _read = read;
        Legal = legal;
        IsList = isList;
        Key = ToCamelCase(name);
        Variable = Settings.VariablePrefix + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
        Arity = IsFlag ? ArgumentArity.ZeroOrOne : isList ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne;
        AllowMultipleArgumentsPerToken = isList;
        CustomParser = Parse;
        if (names.Count > 0)
            CompletionSources.Add([.. names]);
    }

    public Option Symbol => this;

    public string Key { get; }

    public string Variable { get; }

    public string Legal { get; }

    public bool IsList { get; }

    public bool IsFlag => typeof(T) == typeof(bool);

    public required string Help
    {
        get => Description!;
        init => Description = value;
    }

    public string Placeholder
    {
        get => HelpName ?? "";
        init => HelpName = value;
    }

    public string? Default { get; init; }

    public string? DefaultNote { get; init; }

    public string? PlainVariable { get; init; }

    public IReadOnlyList<string> Elsewhere { get; init; } = [];

    public bool IsCommon { get; init; }

    public bool IsPerInvocation { get; init; }

    public bool IsCommandLineOnly { get; init; }

    public bool NamesProgram { get; init; }

    public object Read(IReadOnlyList<string> texts) =>
        texts.All(string.IsNullOrWhiteSpace) ? throw new FormatException("empty") : _read(texts);

    /// <summary>Reads a value of one text.</summary>
    /// <exception cref="FormatException">The text is not legal; the message says what is wrong with it.</exception>
    public T Read(string text) => (T)Read([text]);

    private T? Parse(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
            return IsFlag ? (T)(object)true : default;
        try
        {
            return (T)Read([.. result.Tokens.Select(token => token.Value)]);
        }
        catch (FormatException e)
        {
            result.AddError(e.Message);
            return default;
        }
    }

    private static string ToCamelCase(string name)
    {
        string[] words = name.TrimStart('-').Split('-');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}

/// <summary>What is the same for options of all types.</summary>
internal static class CliOption
{
    /// <summary>An option of several values.</summary>
    /// <param name="name">On the command line.</param>
    /// <param name="legal">Legal values in words.</param>
    /// <param name="read">Reads one text, which may stand for several values.</param>
    /// <param name="placeholder">Stands for the values in the help.</param>
    /// <param name="help">What it does.</param>
    public static CliOption<IReadOnlyList<T>> ListOf<T>(
        string name, string legal, Func<string, IEnumerable<T>> read, string placeholder, string help) =>
        new(name, legal, texts => [.. texts.SelectMany(text => ReadItem(text, texts.Count > 1, read))], isList: true, [])
        {
            Placeholder = placeholder,
            Help = help,
            IsPerInvocation = true,
            IsCommandLineOnly = true,
        };

    /// <summary>Whether a text is a spelling of an option's key: case, <c>-</c> and <c>_</c> do not count.</summary>
    public static bool HasKey(this ICliOption option, string key) => Normalize(key).Equals(Normalize(option.Key), StringComparison.Ordinal);

    /// <summary>Whether other trainers call an option so.</summary>
    public static bool IsCalledElsewhere(this ICliOption option, string name) =>
        option.Elsewhere.Any(other => Normalize(other).Equals(Normalize(name), StringComparison.Ordinal));

    /// <summary>Tells a user what is wrong with a value, and what would be right.</summary>
    /// <param name="option">The option.</param>
    /// <param name="given">The value as it was given.</param>
    /// <param name="problem">What is wrong. A text that ends with a full stop or a question mark is a whole sentence.</param>
    public static string Mistake(this ICliOption option, string given, string problem) => problem[^1] switch
    {
        '.' => $"{given}: {problem}",
        '?' => $"{given}: {problem} Expected {option.Legal}.",
        _ => $"{given}: {problem}; expected {option.Legal}.",
    };

    /// <summary>Says that a command cannot do without an option.</summary>
    public static string Missing(this ICliOption option) => $"{option.Name} is missing: give it {option.Placeholder}. {option.Help}";

    private static string Normalize(string key) =>
        key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static T[] ReadItem<T>(string text, bool isOneOfSeveral, Func<string, IEnumerable<T>> read)
    {
        try
        {
            return text.Length == 0 ? throw new FormatException("empty") : [.. read(text)];
        }
        catch (FormatException e) when (isOneOfSeveral)
        {
            throw new FormatException($"'{text}': {e.Message}", e);
        }
    }
}
