namespace Lockstep.Model.Data.Drawings;

/// <summary>Connected pixels of a picture; neighbours by a side or a corner belong together.</summary>
internal sealed class Patch
{
    // The outer part of the picture's sides in which a scan's frame lies, and the share of the border that a digit touches at most.
    private const double FrameWidth = 0.08, MostContact = 0.3;

    private readonly int _width, _height;
    private double _mass, _massX, _massY;
    private int _outer, _contact;

    private Patch(int width, int height) => (_width, _height, Left, Top, Right, Bottom) = (width, height, width, height, -1, -1);

    /// <summary>Indices of the pixels.</summary>
    public List<int> Pixels { get; } = [];

    /// <summary>First column.</summary>
    public int Left { get; private set; }

    /// <summary>First row.</summary>
    public int Top { get; private set; }

    /// <summary>Last column.</summary>
    public int Right { get; private set; }

    /// <summary>Last row.</summary>
    public int Bottom { get; private set; }

    /// <summary>Number of rows from the first to the last.</summary>
    public int Height => Bottom - Top + 1;

    /// <summary>Columns or rows, whichever is more.</summary>
    public int LongerSide => Math.Max(Right - Left + 1, Height);

    /// <summary>Sum of the strengths.</summary>
    public double Mass => _mass;

    /// <summary>The largest strength.</summary>
    public float Peak { get; private set; }

    /// <summary>Whether it touches the border of the picture.</summary>
    public bool TouchesBorder => _contact > 0;

    /// <summary>
    /// Whether it comes from beyond the picture, as a frame, the table beside a sheet or a thumb do: it touches the border, and lies along
    /// it or to one side of the picture.
    /// </summary>
    public bool IsFromOutside => TouchesBorder
        && (_outer * 2 > Pixels.Count || _contact > MostContact * 2 * (_width + _height)
            || !IsCentral(_massX / _mass, _width) || !IsCentral(_massY / _mass, _height));

    /// <summary>Finds the patches of all pixels above a threshold, in the order of their first pixels.</summary>
    /// <param name="strengths">[height, width].</param>
    /// <param name="width">Pixels of one row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="threshold">Pixels of this strength and less belong to none.</param>
    public static List<Patch> Find(float[] strengths, int width, int height, float threshold)
    {
        var patches = new List<Patch>();
        bool[] seen = new bool[strengths.Length];
        var waiting = new Stack<int>();
        for (int start = 0; start < strengths.Length; start++)
        {
            if (seen[start] || !(strengths[start] > threshold))
                continue;
            var patch = new Patch(width, height);
            seen[start] = true;
            waiting.Push(start);
            while (waiting.TryPop(out int p))
            {
                (int y, int x) = Math.DivRem(p, width);
                patch.Add(p, x, y, strengths[p]);
                for (int row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
                {
                    for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
                    {
                        int next = row * width + column;
                        if (seen[next] || !(strengths[next] > threshold))
                            continue;
                        seen[next] = true;
                        waiting.Push(next);
                    }
                }
            }

            patches.Add(patch);
        }

        return patches;
    }

    private static bool IsCentral(double place, int length) => place >= length * 0.25 && place <= length * 0.75;

    private void Add(int p, int x, int y, float strength)
    {
        Pixels.Add(p);
        (Left, Right, Top, Bottom) = (Math.Min(Left, x), Math.Max(Right, x), Math.Min(Top, y), Math.Max(Bottom, y));
        _mass += strength;
        _massX += strength * x;
        _massY += strength * y;
        Peak = Math.Max(Peak, strength);
        int inwards = Math.Min(Math.Min(x, _width - 1 - x), Math.Min(y, _height - 1 - y));
        if (inwards == 0)
            _contact++;
        if (inwards < FrameWidth * Math.Min(_width, _height))
            _outer++;
    }
}
