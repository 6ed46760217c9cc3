using System.Diagnostics.CodeAnalysis;

namespace Lockstep.Cli.Configuration;

/// <summary>
/// One row of the option table: everything that the command line, the JSON file, the environment, the help and the
/// error messages say of an option comes from here.
/// </summary>
internal abstract class OptionDescriptor(string name)
{
    /// <summary>On the command line, such as <c>--batch-size</c>.</summary>
    public string Name { get; } = name;

    /// <summary>In a JSON file, such as <c>batchSize</c>.</summary>
    public string Key { get; } = ToCamelCase(name);

    /// <summary>In the environment, such as <c>LOCKSTEP__BATCH_SIZE</c>.</summary>
    public string Variable { get; } = Settings.VariablePrefix + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();

    /// <summary>Stands for the value in the help; empty for a flag.</summary>
    public string Placeholder { get; init; } = "";

    /// <summary>What it does, one sentence.</summary>
    public required string Help { get; init; }

    /// <summary>Text of the default; null where there is none or where <see cref="DefaultNote"/> says how it comes about.</summary>
    public string? Default { get; init; }

    /// <summary>For the help, when there is no fixed default.</summary>
    public string? DefaultNote { get; init; }

    /// <summary>Heading in the help.</summary>
    public required OptionGroup Group { get; init; }

    /// <summary>The commands that know it.</summary>
    public required CommandSet Commands { get; init; }

    /// <summary>Another variable that sets it, with less weight than <see cref="Variable"/>.</summary>
    public string? PlainVariable { get; init; }

    /// <summary>Whether it belongs to one invocation only, and is not saved with the run.</summary>
    public bool IsPerInvocation { get; init; }

    /// <summary>Whether it names a program that is run, which is for who gives the command and no file of options to say.</summary>
    public bool NamesProgram { get; init; }

    /// <summary>Whether it is set by its mere presence.</summary>
    public abstract bool IsFlag { get; }

    /// <summary>Whether it can be given several times, and with several values each time.</summary>
    public abstract bool IsList { get; }

    /// <summary>Legal values in words; completes "expected ...".</summary>
    public abstract string Legal { get; }

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">The text is not legal; the message says what is wrong with it.</exception>
    public abstract object ParseText(string text);

    /// <summary>Tells a user what is wrong with a value, and what would be right.</summary>
    /// <param name="given">The value as it was given.</param>
    /// <param name="problem">What <see cref="ParseText"/> threw; a message that ends like a sentence says all by itself.</param>
    public string Mistake(string given, FormatException problem) => problem.Message[^1] switch
    {
        '.' => $"{given}: {problem.Message}",
        '?' => $"{given}: {problem.Message} Expected {Legal}.",
        _ => $"{given}: {problem.Message}; expected {Legal}.",
    };

    /// <summary>Whether two spellings of a key are the same: case, <c>-</c> and <c>_</c> do not count.</summary>
    public bool HasKey(string key) => Normalize(key).Equals(Normalize(Key), StringComparison.Ordinal);

    /// <summary>A key without case, <c>-</c> and <c>_</c>.</summary>
    public static string Normalize(string key) =>
        key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string ToCamelCase(string name)
    {
        string[] words = name.TrimStart('-').Split('-');
        return words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }
}

/// <summary>An option whose value is a <typeparamref name="T"/>.</summary>
internal sealed class OptionDescriptor<T>(string name, ValueKind<T> kind) : OptionDescriptor(name)
    where T : notnull
{
    public override bool IsFlag => typeof(T) == typeof(bool);

    public override bool IsList => kind.IsList;

    public override string Legal { get; } = kind.Legal;

    public override object ParseText(string text) => Parse(text);

    /// <inheritdoc cref="OptionDescriptor.ParseText"/>
    public T Parse([NotNull] string? text) => string.IsNullOrWhiteSpace(text) ? throw new FormatException("empty") : kind.Parse(text);
}
