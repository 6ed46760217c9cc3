using System.IO.Enumeration;

namespace Lockstep.Model.Specs;

/// <summary>
/// Patterns over parameter names: <c>*</c> stands for any characters, <c>/</c> included, <c>?</c> for one. <c>layer0/*</c> is a whole
/// layer.
/// </summary>
public sealed class NameGlobs
{
    private readonly string[] _patterns;

    private NameGlobs(string[] patterns) => _patterns = patterns;

    /// <summary>No pattern: matches nothing.</summary>
    public static NameGlobs None { get; } = new([]);

    /// <summary>Matches every name.</summary>
    public static NameGlobs All { get; } = new(["*"]);

    /// <summary>The patterns.</summary>
    public IReadOnlyList<string> Patterns => _patterns;

    /// <summary>Reads patterns separated by commas.</summary>
    /// <exception cref="FormatException">One of them is empty.</exception>
    public static NameGlobs Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] patterns = text.Split(',', StringSplitOptions.TrimEntries);
        return Array.TrueForAll(patterns, pattern => pattern.Length > 0)
            ? new NameGlobs(patterns)
            : throw new FormatException(
                $"'{text}' is not a list of patterns: one is empty; expected names with * and ?, separated by commas.");
    }

    /// <summary>Whether a pattern matches the whole name.</summary>
    public bool Match(string name) => Array.Exists(_patterns, pattern => Matches(pattern, name));

    /// <summary>Patterns that match none of the names, most likely mistyped.</summary>
    public IEnumerable<string> Useless(IReadOnlyCollection<string> names) =>
        _patterns.Where(pattern => !names.Any(name => Matches(pattern, name)));

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Join(',', _patterns);

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
