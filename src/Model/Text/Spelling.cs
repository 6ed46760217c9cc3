namespace Lockstep.Model.Text;

/// <summary>Finds what a mistyped name was meant to be.</summary>
public static class Spelling
{
    /// <summary>The name nearest to <paramref name="text"/>, or null when none is near enough to be meant.</summary>
    public static string? Nearest(string text, IEnumerable<string> names)
    {
        string typed = text.ToLowerInvariant();
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string name in names)
        {
            string known = name.ToLowerInvariant();
            // What was only cut short or written out is nearer than its distance says.
            bool prefix = typed.Length >= 3
                && (known.StartsWith(typed, StringComparison.Ordinal) || typed.StartsWith(known, StringComparison.Ordinal));
            int most = Math.Max(1, Math.Max(typed.Length, known.Length) / 3);
            // The lengths alone are often too far apart, and a text may be long.
            if (!prefix && Math.Abs(typed.Length - known.Length) > most)
                continue;
            int distance = prefix ? 1 : Distance(typed, known);
            if (distance < bestDistance && distance <= most)
                (best, bestDistance) = (name, distance);
        }

        return best;
    }

    /// <summary>
    /// Edits between two words, where an edit inserts, deletes or replaces a letter or swaps two neighbours (Damerau, 1964).
    /// </summary>
    public static int Distance(string a, string b)
    {
        int[,] edits = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            edits[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            edits[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replace, 1 + Math.Min(edits[i - 1, j], edits[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }

        return edits[a.Length, b.Length];
    }
}
