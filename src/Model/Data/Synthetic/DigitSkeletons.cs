using System.Numerics;

namespace Lockstep.Model.Data.Synthetic;

/// <summary>One stroke of the pen: smooth curves that join in corners.</summary>
/// <param name="Curves">For each curve the points it passes through; it begins where the previous one ended.</param>
internal sealed record Stroke(IReadOnlyList<Vector2[]> Curves);

/// <summary>
/// The skeletons of the digits: several styles of each, as points that the pen passes. In the text, a point is <c>x,y</c> in a box of about
/// 60 by 100 with y downwards, a trailing <c>!</c> makes a corner, and <c>;</c> lifts the pen.
/// </summary>
internal static class DigitSkeletons
{
    private static readonly string[][] Texts =
    [
        [
            "32,2 13,15 4,50 13,85 31,98 49,84 57,50 48,16 29,2",
            "44,10 31,3 14,14 5,50 12,84 28,97 47,86 56,52 50,18 34,4 22,7",
            "38,8 24,5 7,26 3,52 10,80 30,95 50,80 58,50 52,22 36,6 26,6",
            "16,10 7,34 4,60 12,88 30,97 48,84 57,52 50,18 34,4 18,8 12,16",
        ],
        [
            "30,0 30,50 30,100",
            "40,0 31,50 22,100",
            "32,1 29,35 30,70 33,100",
            "14,22 32,2! 32,50 32,100",
            "13,20 32,2! 32,98 ; 10,99 54,98",
        ],
        [
            "6,22 18,5 40,2 54,18 48,42 26,70 4,97! 30,97 60,96",
            "8,20 26,2 48,8 50,32 34,62 14,90 3,92 8,79 22,80 40,94 60,88",
            "4,18 30,2 52,18 44,48 8,94! 34,88 60,95",
            "8,10 34,2 54,20 44,52 22,80 6,88 10,76 30,84 58,98",
            "10,28 20,4 46,4 52,26 36,60 6,96! 58,92",
        ],
        [
            "8,12 28,1 50,12 46,36 24,46! 50,54 56,78 34,98 4,88",
            "6,4 30,4 52,3! 26,40! 50,50 56,78 34,98 4,86",
            "6,14 30,2 48,16 40,40 22,48 44,52 54,74 36,97 2,90",
            "10,8 34,2 50,18 38,38 24,42 20,47 30,45 52,60 48,88 24,99 4,92",
        ],
        [
            "12,4 8,30 6,50! 30,54 56,52 ; 50,8 46,50 42,100",
            "44,2 24,34 2,64! 30,65 62,64 ; 44,2 45,50 44,100",
            "10,2 6,26 10,46 30,50 48,40 ; 54,2 50,50 46,100",
            "8,10 4,36 12,52 34,52 54,38! 54,8! 52,50 48,100",
            "36,2 18,34 4,58! 32,57 60,54 ; 46,30 42,66 38,100",
        ],
        [
            "54,4 34,5 14,4! 11,24 10,44! 34,38 56,58 50,86 26,98 2,88",
            "16,6 13,26 12,45! 36,40 54,60 46,90 22,98 2,86 ; 16,6 36,5 58,2",
            "54,6 26,7 14,24 26,44 48,58 46,86 22,98 2,90",
            "22,6 14,40! 40,44 50,64 40,90 16,98 2,92 ; 24,8 42,7 62,4",
        ],
        [
            "46,2 22,20 6,56 12,88 32,98 50,84 50,62 32,52 12,66",
            "38,0 14,48 6,78 24,98 48,86 48,64 28,56 10,72",
            "54,8 36,2 14,30 6,70 24,98 50,88 52,66 34,54 10,70",
            "28,2 10,36 6,74 20,96 42,94 54,76 44,60 26,62 12,80",
        ],
        [
            "4,6 30,6 56,4! 36,48 22,100",
            "4,6 30,5 56,4! 36,48 20,100 ; 18,52 34,50 52,48",
            "4,22 6,5! 32,6 56,4! 32,56 26,100",
            "2,14 12,6 32,10 56,4! 42,40 34,100",
            "4,10 34,2 54,14 44,50 30,100",
        ],
        [
            "48,14 28,2 10,16 20,38 44,58 52,82 30,98 8,84 16,60 40,40 50,18 44,8",
            "30,2 12,12 14,36 30,47 46,36 48,12 30,2 ; 30,47 8,62 6,88 30,98 54,88 52,62 30,47",
            "54,10 30,1 8,18 28,44 54,74 34,98 8,82 26,52 50,26 52,12",
            "40,48 14,30 18,6 42,4 48,24 26,52 10,80 26,98 48,88 46,64 30,44",
        ],
        [
            "50,16 28,2 6,18 8,42 30,50 48,34 50,14! 48,56 40,100",
            "50,14 26,2 6,22 14,46 36,46 50,16! 52,50 42,86 14,98",
            "46,8 20,6 4,30 20,48 44,34 50,8! 50,60 48,100",
            "48,24 40,4 18,4 4,26 14,46 34,42 48,22 44,60 30,100",
        ],
    ];

    /// <summary>The styles of every digit, each a list of strokes.</summary>
    public static IReadOnlyList<IReadOnlyList<Stroke[]>> Styles { get; } =
        [.. Texts.Select(styles => styles.Select(style => style.Split(';').Select(ParseStroke).ToArray()).ToArray())];

    private static Stroke ParseStroke(string text)
    {
        var curves = new List<Vector2[]>();
        var curve = new List<Vector2>();
        foreach (string point in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] xy = point.TrimEnd('!').Split(',');
            curve.Add(new Vector2(int.Parse(xy[0]), int.Parse(xy[1])));
            if (point.EndsWith('!'))
            {
                curves.Add([.. curve]);
                curve = [curve[^1]];
            }
        }

        curves.Add([.. curve]);
        return new Stroke(curves);
    }
}
