namespace Lockstep.Data;

/// <summary>Cache, sources and network settings of a <see cref="DatasetLoader"/>.</summary>
public sealed record DatasetLoaderOptions
{
    /// <summary>
    /// Folder of downloaded data sets, with a subfolder for each; created when first needed. See <see cref="UserCache"/>.
    /// </summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Data sets besides the synthetic one; the first is the default.</summary>
    public IReadOnlyList<DatasetSource> Sources { get; init; } = DatasetCatalog.Sources;

    /// <summary>Told what is read of the user's own files, a few times a second, on any thread; null for nobody.</summary>
    public Action<string>? Working { get; init; }

    /// <summary>How long a mirror may take to accept a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a mirror may send nothing during a download.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The cache of the user: <c>$XDG_CACHE_HOME/lockstep</c>, or <c>~/.cache/lockstep</c> where that is not set to an absolute path;
    /// on Windows <c>lockstep</c> in the local application data.
    /// </summary>
    /// <param name="environment">Looks up an environment variable.</param>
    public static string UserCache(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "lockstep");

        // The XDG base directory specification: relative paths are to be ignored.
        string? cache = environment("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache) || !Path.IsPathFullyQualified(cache))
        {
            string? home = environment("HOME");
            cache = Path.Combine(string.IsNullOrEmpty(home) ? Path.GetTempPath() : home, ".cache");
        }

        return Path.Combine(cache, "lockstep");
    }
}
